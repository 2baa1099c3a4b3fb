namespace Roma.Evaluation.Statistics;

/// <summary>A share of successes with its binomial confidence intervals.</summary>
/// <param name="Count">Successes, 0 to <paramref name="Total"/>.</param>
/// <param name="Total">Trials.</param>
public readonly record struct Proportion(int Count, int Total)
{
    /// <summary>Count / Total; NaN of nothing.</summary>
    public double Value => (double)Count / Total;

    /// <summary>The score interval (Wilson 1927); undefined of nothing.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval Wilson(double level = 0.95)
    {
        if (Total == 0)
            return Interval.Undefined;
        double z = Normal.TwoSided(level), p = Value, n = Total, z2n = z * z / n;
        double centre = p + z2n / 2, half = z * Math.Sqrt(p * (1 - p) / n + z2n / (4 * n));
        return new(Count == 0 ? 0 : (centre - half) / (1 + z2n), Count == Total ? 1 : (centre + half) / (1 + z2n));
    }

    /// <summary>The exact interval (Clopper and Pearson 1934); undefined of nothing.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval ClopperPearson(double level = 0.95)
    {
        if (Total == 0)
            return Interval.Undefined;
        double tail = (1 - level) / 2;
        return new(
            Count == 0 ? 0 : Beta.Quantile(tail, Count, Total - Count + 1.0),
            Count == Total ? 1 : Beta.Quantile(1 - tail, Count + 1.0, Total - Count));
    }
}
