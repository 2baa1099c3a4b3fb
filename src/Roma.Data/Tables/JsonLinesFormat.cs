using System.Text;
using System.Text.Json;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>JSON lines: an object a line; columns are the keys of all of them.</summary>
internal sealed class JsonLinesFormat : TableFormat
{
    private const int LongestLine = 256 << 20;

    public override IReadOnlyList<string> Extensions => [".jsonl", ".ndjson"];

    public override IReadOnlyList<string> Columns(string path, long first = long.MaxValue) =>
        [.. Objects(path, json => json.EnumerateObject().Select(property => property.Name).ToArray()).Take((int)Math.Min(first, int.MaxValue)).SelectMany(names => names).Distinct()];

    public override IEnumerable<object?[]> Rows(string path, IReadOnlyList<string> columns) =>
        Objects(path, json => (Dictionary<string, object?>)Value(json)!).Select(line => columns.Select(column => line.GetValueOrDefault(column)).ToArray());

    private static IEnumerable<T> Objects<T>(string path, Func<JsonElement, T> read)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (int number = 1; ; number++)
        {
            string where = $"{path}:{number}";
            if (ReadLine(reader, where) is not { } text)
                yield break;
            if (!string.IsNullOrWhiteSpace(text))
                yield return Parse(text, where, read);
        }
    }

    private static T Parse<T>(string text, string where, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw new RomaException($"{where} is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new RomaException($"{where} is no JSON: {e.Message}", inner: e);
        }
        catch (InvalidOperationException e) // an escape such as \ud800 without its other half
        {
            throw new RomaException($"{where} holds no Unicode text: {e.Message}", "Write the character itself, or both halves of its surrogate pair.", e);
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
