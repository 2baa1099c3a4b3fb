using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Results;

/// <summary>A candidate against a baseline on one set of cells; differences are candidate - baseline, first is the candidate.</summary>
/// <param name="Group">"clean" or a group of corruptions.</param>
/// <param name="Counts">Pairs of (sample, cell), the candidate first.</param>
/// <param name="McNemarP">Exact McNemar test over these pairs. In a group each sample comes once per cell, so its pairs are not independent and this p is too small; <see cref="ClusteredP"/> allows for it.</param>
/// <param name="McNemarHolm">The same, adjusted by Holm over the comparison.</param>
/// <param name="Clustered">The mean difference with samples as clusters.</param>
/// <param name="ClusteredHolm">Its p-value adjusted by Holm over the comparison.</param>
public sealed record PairedVerdict(string Group, PairedCounts Counts, double McNemarP, double McNemarHolm, ClusteredMean Clustered, double ClusteredHolm)
{
    /// <summary>Newcombe's paired interval at 95 %; like McNemar's test it takes the pairs as independent.</summary>
    public Interval Newcombe => Statistics.Newcombe.Paired(Counts);

    /// <summary>The t interval at 95 % with samples as clusters.</summary>
    public Interval Interval => Clustered.TInterval().Within(-1, 1);

    /// <summary>The p-value of no difference with samples as clusters.</summary>
    public double ClusteredP => Clustered.P;

    /// <summary>Whether the difference holds at 5 % after both corrections: for the samples' repetition and for the number of groups.</summary>
    public bool IsSignificant => ClusteredHolm <= 0.05;
}
