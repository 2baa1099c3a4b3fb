using Roma.Core;

namespace Roma.Evaluation.Statistics;

/// <summary>The percentile bootstrap that draws whole clusters with replacement; the statistic is the sum of values over their number.</summary>
public sealed class ClusterBootstrap
{
    private readonly double[] _sorted;

    /// <summary>Draws the resamples.</summary>
    /// <param name="clusters">Values by cluster; none empty.</param>
    /// <param name="resamples">How many, at least 1.</param>
    /// <param name="seed">Seed of the draws.</param>
    public ClusterBootstrap(IReadOnlyList<IReadOnlyList<double>> clusters, int resamples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clusters.Count);
        (double Sum, int Count)[] totals = [.. clusters.Select(c => (c.Sum(), c.Count))];
        Observed = totals.Sum(t => t.Sum) / totals.Sum(t => t.Count);
        _sorted = new double[resamples];
        var random = CounterRandom.Of("cluster_bootstrap", seed);
        for (int r = 0; r < resamples; r++)
        {
            (double sum, int count) = (0, 0);
            for (int i = 0; i < totals.Length; i++)
            {
                (double s, int n) = totals[random.Integer(0, totals.Length)];
                (sum, count) = (sum + s, count + n);
            }
            _sorted[r] = sum / count;
        }
        Array.Sort(_sorted);
        Mean = _sorted.Average();
        StandardError = Math.Sqrt(_sorted.Average(v => (v - Mean) * (v - Mean)));
    }

    /// <summary>The statistic of the data themselves.</summary>
    public double Observed { get; }

    /// <summary>Mean over the resamples.</summary>
    public double Mean { get; }

    /// <summary>Standard deviation over the resamples.</summary>
    public double StandardError { get; }

    /// <summary>Share of resamples at or below a value, up to rounding (1e-12).</summary>
    /// <param name="value">Any number.</param>
    public double ShareAtMost(double value) => (double)_sorted.Count(v => v <= value + 1e-12) / _sorted.Length;

    /// <summary>Share of resamples at or above a value, up to rounding (1e-12).</summary>
    /// <param name="value">Any number.</param>
    public double ShareAtLeast(double value) => (double)_sorted.Count(v => v >= value - 1e-12) / _sorted.Length;

    /// <summary>The smallest value that at least a share q of the resamples do not exceed.</summary>
    /// <param name="q">In (0, 1].</param>
    public double Quantile(double q) => _sorted[Math.Clamp((int)Math.Ceiling(q * _sorted.Length) - 1, 0, _sorted.Length - 1)];

    /// <summary>The percentile interval.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval Interval(double level = 0.95) => new(Quantile((1 - level) / 2), Quantile(1 - (1 - level) / 2));
}
