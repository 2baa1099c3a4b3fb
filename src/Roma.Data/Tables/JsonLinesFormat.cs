using System.Text;
using System.Text.Json;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>JSON lines: an object a line; columns are the keys of the first one, and of others as they come.</summary>
internal sealed class JsonLinesFormat : TableFormat
{
    private const int LongestLine = 256 << 20;

    public override IReadOnlyList<string> Extensions => [".jsonl", ".ndjson"];

    public override IReadOnlyList<string> Columns(string path) => [.. Objects(path).Take(100).SelectMany(line => line.Keys).Distinct()];

    public override IEnumerable<object?[]> Rows(string path, IReadOnlyList<string> columns) => Objects(path).Select(line => columns.Select(column => line.GetValueOrDefault(column)).ToArray());

    private static IEnumerable<Dictionary<string, object?>> Objects(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (int number = 1; ; number++)
        {
            string where = $"{path}:{number}";
            if (ReadLine(reader, where) is not { } text)
                yield break;
            if (!string.IsNullOrWhiteSpace(text))
                yield return Parse(text, where);
        }
    }

    private static Dictionary<string, object?> Parse(string text, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            return Value(document.RootElement) as Dictionary<string, object?> ?? throw new RomaException($"{where} is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new RomaException($"{where} is no JSON: {e.Message}", inner: e);
        }
    }

    private static object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt64(out long whole) ? whole : json.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        JsonValueKind.Array => json.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.Object => json.EnumerateObject().GroupBy(property => property.Name).ToDictionary(group => group.Key, group => Value(group.Last().Value)),
        _ => null,
    };

    /// <summary>As the reader's own, but bounded.</summary>
    private static string? ReadLine(StreamReader reader, string where)
    {
        try
        {
            if (reader.EndOfStream)
                return null;
            var line = new StringBuilder();
            for (int c = reader.Read(); c >= 0 && c != '\n'; c = reader.Read())
            {
                line.Append((char)c);
                if (line.Length > LongestLine)
                    throw new RomaException($"{where} has more than {LongestLine:N0} characters.");
            }
            return line.ToString();
        }
        catch (DecoderFallbackException e)
        {
            throw new RomaException($"{where} is no UTF-8 text.", inner: e);
        }
    }
}
