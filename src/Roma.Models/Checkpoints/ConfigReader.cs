using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;

namespace Roma.Models.Checkpoints;

/// <summary>Reads typed, bounded values out of JSON, collects every fault and reports them together. Keys may be dotted paths, and have several spellings.</summary>
internal sealed class ConfigReader(JsonObject json, string where)
{
    private readonly SortedSet<string> _faults = [];

    public int Int(string key, int min, int max, int? fallback = null) => Int([key], min, max, fallback);

    public int Int(string[] spellings, int min, int max, int? fallback = null) => (int)Number(spellings, min, max, fallback, whole: true);

    public double Double(string key, double min, double max, double? fallback = null) => Number([key], min, max, fallback, whole: false);

    public double Double(string[] spellings, double min, double max, double? fallback = null) => Number(spellings, min, max, fallback, whole: false);

    public bool Bool(string key, bool fallback) => Bool([key], fallback);

    public bool Bool(string[] spellings, bool fallback) => Read(spellings, fallback, node => node.GetValue<bool>(), "true or false");

    public string Text(string[] spellings, string? fallback = null) => Read(spellings, fallback, node => node.GetValue<string>(), "a text") ?? "";

    public double[] Doubles(string key, double min, double max) => List([key], null, min, max, whole: false);

    public int[] Ints(string[] spellings, int min, int max, int[]? fallback = null) =>
        [.. List(spellings, fallback is null ? null : [.. fallback.Select(value => (double)value)], min, max, whole: true).Select(value => (int)value)];

    public bool Has(string path) => Find(path) is not null;

    public void Demand(bool condition, string fault)
    {
        if (!condition)
            _faults.Add(fault);
    }

    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
            throw new RomaException($"{where} cannot be used: {string.Join("; ", _faults)}.", "Use the file that belongs to the model.");
    }

    private double Number(string[] spellings, double min, double max, double? fallback, bool whole) =>
        Read(spellings, fallback, node => ToNumber(node, min, max, whole), Range(min, max, whole)) ?? min;

    private double[] List(string[] spellings, double[]? fallback, double min, double max, bool whole) => Read(spellings, fallback,
        node => [.. node.AsArray().Take(1025).Select(item => ToNumber(item!, min, max, whole)!.Value)], "a list, each item " + Range(min, max, whole)) ?? [];

    private static double? ToNumber(JsonNode node, double min, double max, bool whole)
    {
        if (node.GetValueKind() != JsonValueKind.Number)
            throw new FormatException();
        double value = double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture); // whatever type the node was made from
        return value >= min && value <= max && (!whole || value == Math.Floor(value)) ? value : throw new FormatException();
    }

    private static string Range(double min, double max, bool whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole ? "a whole number" : "a number")} from {min} to {max}");

    /// <summary>The first spelling that is present (null counts as absent), else the fallback, else a fault.</summary>
    private T? Read<T>(string[] spellings, T? fallback, Func<JsonNode, T> convert, string allowed)
    {
        foreach (string spelling in spellings)
        {
            if (Find(spelling) is not { } node)
                continue;
            try
            {
                return convert(node);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or NullReferenceException)
            {
                string shown = node.ToJsonString();
                _faults.Add($"{spelling} is {shown[..Math.Min(shown.Length, 40)]}, allowed is {allowed}");
                return fallback;
            }
        }
        if (fallback is null)
            _faults.Add($"{string.Join(" or ", spellings)} is missing");
        return fallback;
    }

    private JsonNode? Find(string path)
    {
        JsonNode? node = json;
        foreach (string key in path.Split('.'))
            node = node is JsonArray list && int.TryParse(key, out int index) ? list.ElementAtOrDefault(index) : (node as JsonObject)?[key];
        return node;
    }
}
