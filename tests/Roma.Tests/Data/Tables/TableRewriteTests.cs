using Parquet.Schema;
using Roma.Core;
using Roma.Data.Tables;

namespace Roma.Tests.Data.Tables;

public sealed class TableRewriteTests : IDisposable
{
    private static readonly ParallelOptions TwoThreads = new() { MaxDegreeOfParallelism = 2 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ParquetKeepsAllButThePictures()
    {
        string file = ParquetFiles.Write(_folder.File("in.parquet"), 2,
            (new DataField<long>("index"), [1L, 2L, 3L, 4L, 5L]),
            (ParquetFiles.Images("images"), [new[] { Bytes(1) }, new[] { Bytes(2), Bytes(3) }, null, Array.Empty<byte[]>(), new[] { Bytes(4) }]),
            (ParquetFiles.Image("shot"), [Bytes(5), null, Bytes(6), Bytes(7), Bytes(8)]),
            (new DataField<string>("question"), ["a", null, "c", "", "é\u0000"]),
            (new ListField("choices", new DataField<string>("element")), [new List<string> { "x", "y" }, null, new List<string>(), new List<string> { "z" }, new List<string> { "u", "v" }]),
            (new DataField<double?>("score"), [1.5, null, 2.5, 3.5, null]),
            (new DataField<bool>("flag"), [true, false, true, false, true]));
        var places = new System.Collections.Concurrent.ConcurrentDictionary<string, byte>();
        int done = 0;
        TableRewrite.Write(file, _folder.File("out.parquet"), (place, bytes) =>
        {
            places[place] = bytes[0];
            return [.. bytes, 99];
        }, () => Interlocked.Increment(ref done), TwoThreads);
        Assert.Equal(8, done);
        Assert.Equal(new Dictionary<string, byte> { ["0/0"] = 1, ["1/0"] = 2, ["1/1"] = 3, ["4/0"] = 4, ["0/1"] = 5, ["2/0"] = 6, ["3/0"] = 7, ["4/1"] = 8 }, places.ToDictionary(p => p.Key, p => p.Value));
        AssertSame(file, _folder.File("out.parquet"), bytes => [.. bytes, 99]);
    }

    [Fact]
    public void TsvKeepsAllButThePicturesToTheByte()
    {
        string A = Convert.ToBase64String(Bytes(1)) + new string('A', 80), B = Convert.ToBase64String(Bytes(2)) + new string('B', 80), C = new('C', 84);
        File.WriteAllText(_folder.File("in.tsv"), $"\"index\"\timage\tquestion\r\n0\t{A}\t\"tab\t and \"\"quotes\"\"\"\r\n1\t0\t\r\n2\t['{B}', '{C}']\tline\r\n3\t\tlast");
        TableRewrite.Write(_folder.File("in.tsv"), _folder.File("out.tsv"), (_, bytes) => [bytes[0], 42], () => { }, TwoThreads);
        static string Short(string text) => Convert.ToBase64String([Convert.FromBase64String(text)[0], 42]);
        Assert.Equal($"\"index\"\timage\tquestion\r\n0\t{Short(A)}\t\"tab\t and \"\"quotes\"\"\"\r\n1\t0\t\r\n2\t['{Short(B)}', '{Short(C)}']\tline\r\n3\t\tlast", File.ReadAllText(_folder.File("out.tsv")));
    }

    [Fact]
    public void TablesWithoutPicturesAreRefusedAndLeaveNothing()
    {
        string file = ParquetFiles.Write(_folder.File("in.parquet"), 2, (new DataField<string>("question"), ["a"]));
        Assert.Contains("no column of pictures", Fault(file));
        File.WriteAllText(_folder.File("in.tsv"), "index\tquestion\n0\ta\n");
        Assert.Contains("no column image among index, question", Fault(_folder.File("in.tsv")));
        File.WriteAllText(_folder.File("bad.tsv"), $"index\timage\n0\t{new string('%', 100)}\n");
        Assert.Contains("row 0 holds no picture in base64", Fault(_folder.File("bad.tsv")));
        File.WriteAllText(_folder.File("in.jsonl"), "{}");
        Assert.Contains(".parquet and .tsv", Fault(_folder.File("in.jsonl")));
        Assert.Equal(["bad.tsv", "in.jsonl", "in.parquet", "in.tsv"], Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)).Order());

        string Fault(string path) => Assert.Throws<RomaException>(() => TableRewrite.Write(path, _folder.File("out" + Path.GetExtension(path)), (_, bytes) => bytes, () => { }, TwoThreads)).Message;
    }

    /// <summary>Compares schemas, metadata, groups and all cells.</summary>
    internal static void AssertSame(string before, string after, Func<byte[], byte[]> change)
    {
        TableFormat format = TableFormat.Of(before);
        IReadOnlyList<string> columns = format.Columns(before);
        Assert.Equal(columns, format.Columns(after));
        List<object?[]> rows = [.. format.Rows(before, columns)], written = [.. format.Rows(after, columns)];
        Assert.Equal(rows.Count, written.Count);
        foreach ((object?[] row, object?[] other) in rows.Zip(written))
            Assert.Equal(row.Select(cell => Text(cell, change)), other.Select(cell => Text(cell, bytes => bytes)));
        if (format is not ParquetFormat)
            return;
        using FileStream one = File.OpenRead(before), two = File.OpenRead(after);
        Parquet.ParquetReader a = Parquet.ParquetReader.CreateAsync(one).GetAwaiter().GetResult(), b = Parquet.ParquetReader.CreateAsync(two).GetAwaiter().GetResult();
        Assert.Equal(a.CustomMetadata, b.CustomMetadata);
        Assert.Equal(a.RowGroups.Select(group => group.RowCount), b.RowGroups.Select(group => group.RowCount));
        Assert.Equal(a.Metadata!.Schema.Skip(1).Select(Describe), b.Metadata!.Schema.Skip(1).Select(Describe)); // the root's name says nothing
        // A 64-bit integer is one with and without the word for it.
        static string Describe(Parquet.Meta.SchemaElement e) => $"{e.Name} {e.RepetitionType} {e.Type} {(e.ConvertedType == Parquet.Meta.ConvertedType.INT_64 ? null : e.ConvertedType)} {e.NumChildren} {e.LogicalType?.STRING is not null} {e.LogicalType?.LIST is not null} {e.TypeLength}";
    }

    private static string Text(object? cell, Func<byte[], byte[]> change) => cell switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(change(bytes.ToArray())),
        Dictionary<string, object?> mapping => $"{{{string.Join(", ", mapping.Select(pair => $"{pair.Key}: {Text(pair.Value, change)}"))}}}",
        List<object?> list => $"[{string.Join(", ", list.Select(item => Text(item, change)))}]",
        _ => $"{cell.GetType().Name} {cell}",
    };

    private static byte[] Bytes(byte first) => [first, 0, 255];
}
