using Roma.Core;
using Roma.Evaluation.Statistics;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>Two runs of the same benchmark, paired by sample, corruption and severity.</summary>
/// <param name="Baseline">The baseline's name.</param>
/// <param name="Candidate">The candidate's name.</param>
/// <param name="Verdicts">Clean, then each group: the family over which p-values are adjusted.</param>
/// <param name="Cells">Every corruption x severity.</param>
public sealed record Comparison(string Baseline, string Candidate, IReadOnlyList<PairedVerdict> Verdicts, IReadOnlyList<CellDifference> Cells)
{
    /// <summary>Compares two logs.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="baselineName">How reports name it; the model's name where null.</param>
    /// <param name="candidateName">How reports name it; the model's name where null.</param>
    /// <exception cref="RomaException">The logs do not pair: another benchmark or settings, or questions that only one of them answers.</exception>
    public static Comparison Of(ResultLog baseline, ResultLog candidate, string? baselineName = null, string? candidateName = null)
    {
        List<(ResultRecord Baseline, ResultRecord Candidate)> pairs = Pair(baseline, candidate, baselineName ?? baseline.Header.Model, candidateName ?? candidate.Header.Model);
        ILookup<Cell, (ResultRecord Baseline, ResultRecord Candidate)> cells = pairs.ToLookup(p => p.Baseline.Cell);
        List<(string Name, PairedCounts Counts, ClusteredMean Clustered)> sets = [];
        sets.Add(Measure("clean", cells[Cell.Clean]));
        foreach ((string name, IReadOnlyList<string> corruptions) in baseline.Header.Groups)
            sets.Add(Measure(name, pairs.Where(p => corruptions.Contains(p.Baseline.Corruption))));
        sets.RemoveAll(s => s.Counts.Total == 0);
        double[] p = [.. sets.Select(s => McNemar.Exact(s.Counts.OnlyFirst, s.Counts.OnlySecond))];
        (double[] holm, double[] clusteredHolm) = (MultipleTesting.Holm(p), MultipleTesting.Holm([.. sets.Select(s => double.IsNaN(s.Clustered.P) ? 1 : s.Clustered.P)]));
        return new(
            baselineName ?? baseline.Header.Model, candidateName ?? candidate.Header.Model,
            [.. sets.Select((s, i) => new PairedVerdict(s.Name, s.Counts, p[i], holm[i], s.Clustered, clusteredHolm[i]))], Differences(cells));
    }

    private static List<(ResultRecord, ResultRecord)> Pair(ResultLog baseline, ResultLog candidate, string baselineName, string candidateName)
    {
        (ResultHeader b, ResultHeader c) = (baseline.Header, candidate.Header);
        if (b.Settings != c.Settings)
            throw new RomaException(
                $"{baselineName} ({b.Suite} version {b.Version}, seed {b.Seed}, {b.Samples} + {b.SamplesPerCell} samples) and {candidateName} ({c.Suite} version {c.Version}, seed {c.Seed}, {c.Samples} + {c.SamplesPerCell} samples) were run with different settings: their questions do not pair.",
                "Run both with the same benchmark file.");
        if (b.DataHash is { } before && c.DataHash is { } after && before != after)
            throw new RomaException($"{baselineName} and {candidateName} were asked different data: {b.Data} had the SHA-256 {before} and {after}.", "Run both on the same data.");
        Dictionary<(int, Cell), ResultRecord> other = candidate.Records.ToDictionary(r => r.Key);
        List<(ResultRecord, ResultRecord)> pairs = [.. baseline.Records.Where(r => other.ContainsKey(r.Key)).Select(r => (r, other[r.Key]))];
        if (pairs.Count != baseline.Records.Count || pairs.Count != candidate.Records.Count)
            throw new RomaException(
                $"{baselineName} has {baseline.Records.Count} answers, {candidateName} {candidate.Records.Count}, and only {pairs.Count} questions are in both.", "Let the interrupted run finish.");
        return pairs;
    }

    private static (string, PairedCounts, ClusteredMean) Measure(string name, IEnumerable<(ResultRecord Baseline, ResultRecord Candidate)> pairs)
    {
        List<(ResultRecord Baseline, ResultRecord Candidate)> list = [.. pairs];
        return (name, Count(list), ClusteredMean.Of(
            [.. list.Select(p => p.Baseline.Index)], [.. list.Select(p => (p.Candidate.IsCorrect ? 1.0 : 0) - (p.Baseline.IsCorrect ? 1 : 0))]));
    }

    private static PairedCounts Count(IEnumerable<(ResultRecord Baseline, ResultRecord Candidate)> pairs) =>
        pairs.Aggregate(default(PairedCounts), (counts, p) => counts.Add(p.Candidate.IsCorrect, p.Baseline.IsCorrect));

    private static List<CellDifference> Differences(ILookup<Cell, (ResultRecord, ResultRecord)> cells)
    {
        List<(Cell Cell, PairedCounts Counts)> counts = [.. cells.Where(c => !c.Key.IsClean).Select(c => (c.Key, Count(c)))];
        double[] holm = MultipleTesting.Holm([.. counts.Select(c => McNemar.Exact(c.Counts.OnlyFirst, c.Counts.OnlySecond))]);
        return [.. counts.Select((c, i) => new CellDifference(c.Cell, c.Counts, holm[i]))];
    }
}
