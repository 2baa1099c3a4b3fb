using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Experiments;

/// <summary>A mean over training seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval">Its 95 % t interval over seeds; undefined for a single seed.</param>
/// <param name="Seeds">Number of seeds.</param>
public sealed record SeedMean(double Mean, Interval Interval, int Seeds)
{
    internal static SeedMean Of(IReadOnlyList<double> values)
    {
        var mean = ClusteredMean.Of([.. Enumerable.Range(0, values.Count)], values); // each seed a cluster of its own: the plain t interval
        return new(mean.Mean, mean.TInterval(), values.Count);
    }
}
