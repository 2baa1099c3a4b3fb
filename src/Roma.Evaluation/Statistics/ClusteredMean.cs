namespace Roma.Evaluation.Statistics;

/// <summary>
/// A mean whose observations come in clusters, such as all corrupted views of one sample (Liang and Zeger 1986; Miller 2024, arXiv 2411.00640).
/// Standard errors are NaN where they are undefined (one cluster, one observation).
/// </summary>
/// <param name="Mean">The mean over observations.</param>
/// <param name="Clusters">Number of clusters, G.</param>
/// <param name="StandardError">sqrt(sum over clusters of (sum of deviations)^2) / n.</param>
/// <param name="CorrectedStandardError">The same times sqrt(G / (G - 1)): what the t interval uses.</param>
/// <param name="IndependentStandardError">sd / sqrt(n), as if nothing were clustered.</param>
public sealed record ClusteredMean(double Mean, int Clusters, double StandardError, double CorrectedStandardError, double IndependentStandardError)
{
    /// <summary>Measures values by cluster.</summary>
    /// <param name="cluster">The cluster of each value.</param>
    /// <param name="value">The values.</param>
    /// <typeparam name="TKey">What names a cluster.</typeparam>
    public static ClusteredMean Of<TKey>(IReadOnlyList<TKey> cluster, IReadOnlyList<double> value) where TKey : notnull
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cluster.Count, value.Count);
        int n = value.Count;
        double mean = value.Sum() / n, squares = 0;
        var sums = new Dictionary<TKey, double>();
        for (int i = 0; i < n; i++)
        {
            double deviation = value[i] - mean;
            squares += deviation * deviation;
            sums[cluster[i]] = sums.GetValueOrDefault(cluster[i]) + deviation;
        }
        double g = sums.Count, clustered = Math.Sqrt(sums.Values.Sum(s => s * s)) / n;
        return new(mean, sums.Count, clustered, g > 1 ? clustered * Math.Sqrt(g / (g - 1)) : double.NaN, n > 1 ? Math.Sqrt(squares / (n - 1) / n) : double.NaN);
    }

    /// <summary>The large-sample interval with <see cref="StandardError"/>.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval NormalInterval(double level = 0.95) => Interval.Around(Mean, StandardError, Normal.TwoSided(level));

    /// <summary>The interval with <see cref="CorrectedStandardError"/> and G - 1 degrees of freedom; undefined for one cluster.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval TInterval(double level = 0.95) => Clusters > 1 ? Interval.Around(Mean, CorrectedStandardError, StudentT.TwoSided(level, Clusters - 1)) : Interval.Undefined;

    /// <summary>The t interval of a share, within 0 to 1; undefined where nothing varies, as where every answer is wrong: the spread is then not known, rather than 0.</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    public Interval ShareInterval(double level = 0.95) => CorrectedStandardError > 0 ? TInterval(level).Within(0, 1) : Interval.Undefined;

    /// <summary>The two-sided p-value of mean = 0 with <see cref="CorrectedStandardError"/> and G - 1 degrees of freedom; 1 where nothing varies around 0.</summary>
    public double P => Clusters < 2 ? double.NaN : CorrectedStandardError > 0 ? StudentT.TwoSidedP(Mean / CorrectedStandardError, Clusters - 1) : Mean == 0 ? 1 : 0;
}
