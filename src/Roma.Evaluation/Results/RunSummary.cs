using Roma.Evaluation.Statistics;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>Everything a report says of one run; computed from its log and nothing else.</summary>
/// <param name="Name">How reports name the run.</param>
/// <param name="Header">What was run.</param>
/// <param name="Clean">On clean pictures.</param>
/// <param name="Groups">By group of corruptions, in the log's order.</param>
/// <param name="Categories">By category; empty where samples have none or there is only one.</param>
/// <param name="Recorded">Number of questions in the log.</param>
public sealed record RunSummary(string Name, ResultHeader Header, Score Clean, IReadOnlyList<GroupSummary> Groups, IReadOnlyList<CategoryScore> Categories, int Recorded)
{
    /// <summary>Whether every question of the benchmark was answered.</summary>
    public bool IsComplete => Recorded == Header.Expected;

    /// <summary>The lowest cell of all groups, or null without any.</summary>
    public CellScore? Worst => Groups.Select(g => g.Worst).OfType<CellScore>().MinBy(c => c.Score.Accuracy.Value);

    /// <summary>Summarises a log.</summary>
    /// <param name="log">The log.</param>
    /// <param name="name">How reports name the run; the model's name where null.</param>
    public static RunSummary Of(ResultLog log, string? name = null)
    {
        ILookup<Cell, ResultRecord> cells = log.Records.ToLookup(r => r.Cell);
        Score clean = Score.Of(cells[Cell.Clean]);
        Dictionary<int, ResultRecord> cleanOf = cells[Cell.Clean].ToDictionary(r => r.Index);
        List<GroupSummary> groups = [.. log.Header.Groups.Select(group => Group(group.Key, group.Value, log.Header.Severities, cells, clean, cleanOf))];
        List<CategoryScore> categories = [.. log.Records.GroupBy(r => r.Category).OrderBy(c => c.Key, StringComparer.Ordinal).Select(category => new CategoryScore(
            category.Key, Score.Of(category.Where(r => r.Cell.IsClean)), [.. log.Header.Groups.Values.Select(g => Score.Of(category.Where(r => g.Contains(r.Corruption))))]))];
        return new(name ?? log.Header.Model, log.Header, clean, groups, categories.Count > 1 ? categories : [], log.Records.Count);
    }

    private static GroupSummary Group(
        string name, IReadOnlyList<string> corruptions, IReadOnlyList<int> severities, ILookup<Cell, ResultRecord> cells, Score clean, Dictionary<int, ResultRecord> cleanOf)
    {
        List<List<CellScore>> table = [.. corruptions.Select(c => severities.Select(s => new CellScore(new(c, s), Score.Of(cells[new(c, s)]))).Where(s => s.Score.Total > 0).ToList())];
        List<ResultRecord> records = [.. table.SelectMany(row => row).SelectMany(c => cells[c.Cell])];
        bool complete = records.Count > 0 && clean.Total > 0 && table.All(row => row.Count == severities.Count);
        List<ResultRecord> paired = [.. records.Where(r => cleanOf.ContainsKey(r.Index))];
        return new(
            name, Score.Of(records), Accuracy(records), [.. table.SelectMany(row => row)],
            new OrderedDictionary<int, ClusteredMean>(records.GroupBy(r => r.Severity).OrderBy(s => s.Key).Select(s => KeyValuePair.Create(s.Key, Accuracy([.. s])))),
            complete ? Retention.Of(clean.Accuracy.Value, [.. table.Select(row => row.Select(c => c.Score.Accuracy.Value).ToArray())]) : null, Flips(paired, cleanOf));
    }

    private static ClusteredMean Accuracy(IReadOnlyList<ResultRecord> records) =>
        ClusteredMean.Of([.. records.Select(r => r.Index)], [.. records.Select(r => r.IsCorrect ? 1.0 : 0.0)]);

    private static FlipRates Flips(List<ResultRecord> paired, Dictionary<int, ResultRecord> cleanOf)
    {
        double Share(Func<ResultRecord, ResultRecord, bool> holds) => (double)paired.Count(r => holds(cleanOf[r.Index], r)) / paired.Count;
        return new(
            paired.Count,
            Share((clean, r) => clean.Extracted != r.Extracted),
            Share((clean, r) => clean.IsCorrect && !r.IsCorrect),
            Share((clean, r) => !clean.IsCorrect && r.IsCorrect),
            Share((clean, r) => !clean.IsCorrect && !r.IsCorrect && clean.Extracted != r.Extracted),
            Share((clean, _) => clean.IsCorrect),
            Share((_, r) => r.IsCorrect));
    }
}
