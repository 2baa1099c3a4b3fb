using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;

namespace Roma.Training.Runs;

/// <summary>
/// <c>metrics.jsonl</c>: one line a step and one a validation, appended. Everything that depends on the clock or on memory stands under <c>"machine"</c>; the rest is a function of the
/// configuration, also over a resume, which cuts off the lines of steps after its checkpoint.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private const string Step = "step", Machine = "machine", Time = "time";
    private readonly AppendLog _log;

    /// <summary>Opens the log to go on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keep">Which lines stay: those that the run will not write again.</param>
    /// <exception cref="RomaException">A line is broken.</exception>
    public MetricsLog(string path, Func<MetricsLine, bool> keep)
    {
        double written = MetricsLine.Seconds(File.GetLastWriteTimeUtc(path)); // lines of older versions do not say when
        (string Text, MetricsLine Line)[] kept = [.. AppendLog.Read(path).Select((text, i) => (text, Line: Parse(text, path, i + 1, written))).Where(entry => keep(entry.Line))];
        AtomicFile.WriteText(path, string.Concat(kept.Select(entry => entry.Text + "\n")));
        Before = [.. kept.Select(entry => entry.Line)];
        _log = new(path);
    }

    /// <summary>The lines of the run before it went on.</summary>
    public IReadOnlyList<MetricsLine> Before { get; }

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line.</param>
    public void Write(MetricsLine line)
    {
        var json = new JsonObject { [Step] = line.Step };
        foreach ((string name, double value) in line.Values)
            json[name] = Number(value);
        json[Machine] = new JsonObject(line.Machine.Append(new(Time, line.Time)).Select(pair => KeyValuePair.Create(pair.Key, Number(pair.Value))));
        _log.Append(json.ToJsonString());
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static MetricsLine Parse(string text, string path, int number, double written)
    {
        try
        {
            JsonObject json = JsonNode.Parse(text)!.AsObject();
            JsonObject machine = json[Machine] as JsonObject ?? [];
            return new((int)json[Step]!, Values(json), [.. Values(machine).Where(pair => pair.Key != Time)]) { Time = (double?)machine[Time] ?? written };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new RomaException($"{path}, line {number}, is broken: {e.Message}", "Delete that line; the run itself does not need it.", e);
        }
    }

    private static KeyValuePair<string, double>[] Values(JsonObject json) =>
        [.. json.Where(pair => pair.Key != Step && pair.Value is JsonValue).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.AsValue().TryGetValue(out double value) ? value : double.NaN))];

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(FormattableString.Invariant($"{value}"));
}
