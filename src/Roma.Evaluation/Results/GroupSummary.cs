using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Results;

/// <summary>A group of corruptions over all severities.</summary>
/// <param name="Name">The corruption suite, for example seen.</param>
/// <param name="Score">Pooled over cells. Its Wilson interval takes every question as independent, which it is not: see <paramref name="Clustered"/>.</param>
/// <param name="Clustered">The accuracy with the samples as clusters, since each sample is asked under every cell.</param>
/// <param name="Cells">By corruption, then severity; cells without any record are absent.</param>
/// <param name="Severities">By severity over all corruptions of the group, samples as clusters.</param>
/// <param name="Retention">What is left of the clean accuracy; null while a cell has no record.</param>
/// <param name="Flips">How extracted answers change against the clean picture of the same sample.</param>
public sealed record GroupSummary(string Name, Score Score, ClusteredMean Clustered, IReadOnlyList<CellScore> Cells, IReadOnlyDictionary<int, ClusteredMean> Severities, Retention? Retention, FlipRates Flips)
{
    /// <summary>The t interval at 95 % with samples as clusters; undefined where all answers are right or all are wrong.</summary>
    public Interval Interval => Clustered.ShareInterval();

    /// <summary>The cell with the lowest accuracy, or null without any.</summary>
    public CellScore? Worst => Cells.MinBy(c => c.Score.Accuracy.Value);
}
