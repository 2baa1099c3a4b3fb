using System.Text;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>
/// Tab-separated values as VLMEvalKit reads them: the first line names the columns, quoted cells may hold tabs, line breaks and doubled quotes, an empty cell is absent.
/// A picture in <c>image</c> is base64, a list literal of several, or the <c>index</c> of the row that holds it.
/// </summary>
internal sealed class TsvFormat : TableFormat
{
    private const string ImageColumn = "image";
    private const int RowsAtOnce = 64;

    /// <summary>A longer cell holds a picture itself.</summary>
    public const int LongestReference = 64;

    public override IReadOnlyList<string> Extensions => [".tsv"];

    public override bool CanRewrite => true;

    public override IReadOnlyList<string> Columns(string path, long first = long.MaxValue)
    {
        using var reader = new TsvReader(path);
        return Header(reader);
    }

    public override IEnumerable<object?[]> Rows(string path, IReadOnlyList<string> columns)
    {
        using var reader = new TsvReader(path);
        string[] names = Header(reader);
        int[] places = [.. columns.Select(column => Array.IndexOf(names, column))];
        while (Next(reader, names) is { } raw)
            yield return [.. places.Select(place => (object?)(TsvReader.Plain(raw[place]) is { Length: > 0 } text ? text : null))];
    }

    public override void Rewrite(string path, Stream output, TableRewrite rewrite)
    {
        using var reader = new TsvReader(path);
        using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        string[] names = Header(reader);
        int place = Array.IndexOf(names, ImageColumn);
        if (place < 0)
            throw new RomaException($"{path} has no column {ImageColumn} among {string.Join(", ", names)}.");
        writer.Write(reader.Raw);
        foreach ((string[] Cells, string End)[] rows in Chunks(reader, names))
        {
            var pictures = new List<(long, int, ReadOnlyMemory<byte>)>();
            List<string>?[] cells = [.. rows.Select((row, i) =>
            {
                string text = TsvReader.Plain(row.Cells[place]);
                if (text.Length <= LongestReference)
                    return null; // absent, or the index of another row
                List<string> encoded = CellPictures.Listed(text);
                long number = reader.Row - rows.Length + i;
                foreach ((int k, string picture) in encoded.Index())
                    pictures.Add((number, k, CellPictures.FromBase64(picture) ?? throw new RomaException($"{path}: row {number} holds no picture in base64.")));
                return encoded;
            })];
            var changed = new Queue<byte[]>(rewrite.Change(pictures));
            foreach (((string[] row, string end), List<string>? encoded) in rows.Zip(cells))
            {
                if (encoded is not null)
                {
                    string[] again = [.. encoded.Select(_ => Convert.ToBase64String(changed.Dequeue()))];
                    row[place] = again.Length == 1 && !TsvReader.Plain(row[place]).StartsWith('[') ? again[0] : $"[{string.Join(", ", again.Select(picture => $"'{picture}'"))}]";
                }
                writer.Write(string.Join('\t', row));
                writer.Write(end);
            }
        }
    }

    private static IEnumerable<(string[] Cells, string End)[]> Chunks(TsvReader reader, string[] names)
    {
        var chunk = new List<(string[], string)>();
        while (Next(reader, names) is { } row)
        {
            chunk.Add((row, reader.End));
            if (chunk.Count < RowsAtOnce)
                continue;
            yield return [.. chunk];
            chunk.Clear();
        }
        if (chunk.Count > 0)
            yield return [.. chunk];
    }

    private static string[] Header(TsvReader reader) => reader.Next() is { } raw ? [.. raw.Select(TsvReader.Plain)] : throw new RomaException($"{reader.Path} is empty.");

    private static string[]? Next(TsvReader reader, string[] names)
    {
        if (reader.Next() is not { } raw)
            return null;
        if (raw.Length != names.Length)
            throw new RomaException($"{reader.Path}: row {reader.Row - 1} has {raw.Length} cells, not {names.Length} as the header.");
        return raw;
    }
}
