using System.Collections;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Roma.Core;

/// <summary>Writes a tree of records as JSON that <see cref="StrictYaml"/> reads back.</summary>
internal static class RecordJson
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    public static string Write(object record, bool indented) => Node(record)!.ToJsonString(indented ? Indented : Compact);

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        Enum word => JsonValue.Create(RecordShape.KeyOf(word.ToString())),
        bool flag => JsonValue.Create(flag),
        YamlPart part => Part(part),
        _ when value.GetType().IsPrimitive => JsonSerializer.SerializeToNode(value, value.GetType()),
        IDictionary map => Map(map),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Node)]),
        _ => Record(value),
    };

    private static JsonObject Map(IDictionary map)
    {
        var json = new JsonObject();
        foreach (DictionaryEntry entry in map)
            json[(string)entry.Key] = Node(entry.Value);
        return json;
    }

    private static JsonObject Record(object value)
    {
        Type type = value.GetType();
        var json = new JsonObject();
        if (NamedTypes.NameOf(type) is { } name)
            json["name"] = name;
        foreach ((string key, ParameterInfo parameter) in RecordShape.Of(type).Parameters)
        {
            PropertyInfo property = type.GetProperty(parameter.Name!, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
                ?? throw new InvalidOperationException($"{type.FullName} has no public property for its parameter {parameter.Name}.");
            json[key] = Node(property.GetValue(value));
        }
        return json;
    }

    private static JsonNode? Part(YamlPart part) =>
        part.Entries is { } entries ? new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, Part(entry.Value))))
        : part.Items is { } items ? new JsonArray([.. items.Select(Part)])
        : part.IsNull ? null
        : !part.IsQuoted && double.TryParse(part.Text, System.Globalization.CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? JsonValue.Create(number)
        : !part.IsQuoted && bool.TryParse(part.Text, out bool flag) ? JsonValue.Create(flag)
        : JsonValue.Create(part.Text);
}
