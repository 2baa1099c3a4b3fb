using System.Text.Json;
using Roma.Core;
using Roma.Evaluation.Results;

namespace Roma.Evaluation.Experiments;

/// <summary>All runs of an experiment over methods, arms and seeds: the content of summary.json.</summary>
/// <param name="Name">Names the experiment.</param>
/// <param name="Started">When it began, UTC.</param>
/// <param name="Metadata">Commit, machine, settings: whatever identifies it.</param>
/// <param name="Runs">The runs.</param>
public sealed record ExperimentSummary(string Name, DateTime Started, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<ExperimentRun> Runs)
{
    private const long LargestFile = 64 << 20;

    /// <summary>The groups that every run has, "clean" first.</summary>
    public IReadOnlyList<string> Groups() => Runs.Count == 0 ? [] : [.. Runs[0].Scores.Keys.Where(g => Runs.All(r => r.Scores.ContainsKey(g)))];

    /// <summary>Means over seeds of each method in each arm, in the order of the runs.</summary>
    public IReadOnlyList<ExperimentRow> Means() => [.. Runs.GroupBy(r => (r.Arm, r.Method)).Select(g => Row(g.Key.Arm, g.Key.Method, null, [.. g.Select(r => (r, (ExperimentRun?)null))]))];

    /// <summary>Mean differences of a method and a baseline over the seeds that both have, one row per arm; arms without a common seed are absent.</summary>
    /// <param name="method">The minuend.</param>
    /// <param name="baseline">The subtrahend.</param>
    public IReadOnlyList<ExperimentRow> Differences(string method, string baseline) =>
    [
        .. Runs.GroupBy(r => r.Arm).Select(arm => (arm.Key, Pairs: arm.Where(r => r.Method == method)
                .Join(arm.Where(r => r.Method == baseline), r => r.Seed, r => r.Seed, (r, b) => (r, (ExperimentRun?)b)).ToList()))
            .Where(arm => arm.Pairs.Count > 0).Select(arm => Row(arm.Key, method, baseline, arm.Pairs)),
    ];

    /// <summary>Writes summary.json.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => AtomicFile.WriteBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, ResultJson.Document));

    /// <summary>Reads summary.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RomaException">The file is missing, too large or no such summary.</exception>
    public static ExperimentSummary Read(string path)
    {
        if (!File.Exists(path))
            throw new RomaException($"There is no experiment summary {path}.");
        if (new FileInfo(path).Length > LargestFile)
            throw new RomaException($"{path} is larger than {LargestFile >> 20} MiB and no experiment summary.");
        try
        {
            return JsonSerializer.Deserialize<ExperimentSummary>(File.ReadAllBytes(path), ResultJson.Document) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new RomaException($"{path} is no experiment summary: {e.Message}", inner: e);
        }
    }

    private ExperimentRow Row(string arm, string method, string? baseline, IReadOnlyList<(ExperimentRun Run, ExperimentRun? Baseline)> runs)
    {
        double Mean(Func<ExperimentRun, double> value) => runs.Average(r => value(r.Run) - (r.Baseline is { } b ? value(b) : 0));
        SeedMean Over(string group, Func<ExperimentScore, double> value) =>
            SeedMean.Of([.. runs.Select(r => value(r.Run.Scores[group]) - (r.Baseline is { } b ? value(b.Scores[group]) : 0))]);
        return new(
            arm, method, baseline, Table(Groups(), g => Over(g, s => s.Accuracy) is var mean && baseline is null ? mean with { Interval = mean.Interval.Within(0, 1) } : mean), Table(Groups().Skip(1), g => Over(g, s => s.Retention)), Mean(r => r.Steps), Mean(r => r.Seconds));

        static OrderedDictionary<string, SeedMean> Table(IEnumerable<string> groups, Func<string, SeedMean> value) => new(groups.Select(g => KeyValuePair.Create(g, value(g))));
    }
}
