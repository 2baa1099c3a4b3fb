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
    private readonly AppendLog _log;

    /// <summary>Opens the log to go on after a step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="step">Steps done; later lines are dropped.</param>
    /// <exception cref="RomaException">A line is broken.</exception>
    public MetricsLog(string path, int step)
    {
        string[] kept = [.. AppendLog.Read(path).Where((line, i) => StepOf(line, path, i + 1) <= step)];
        AtomicFile.WriteText(path, string.Concat(kept.Select(line => line + "\n")));
        _log = new(path);
    }

    /// <summary>Appends a line.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="values">What the configuration decides.</param>
    /// <param name="machine">What the machine decides: times, memory.</param>
    public void Write(int step, IEnumerable<KeyValuePair<string, double>> values, IEnumerable<KeyValuePair<string, double>> machine)
    {
        var line = new JsonObject { ["step"] = step };
        foreach ((string name, double value) in values)
            line[name] = Number(value);
        line["machine"] = new JsonObject(machine.Select(pair => KeyValuePair.Create(pair.Key, Number(pair.Value))));
        _log.Append(line.ToJsonString());
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static int StepOf(string line, string path, int number)
    {
        try
        {
            return (int)JsonNode.Parse(line)!["step"]!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new RomaException($"{path}, line {number}, is broken: {e.Message}", "Delete that line; the run itself does not need it.", e);
        }
    }

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(FormattableString.Invariant($"{value}"));
}
