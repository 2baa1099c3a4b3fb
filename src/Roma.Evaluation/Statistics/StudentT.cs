namespace Roma.Evaluation.Statistics;

/// <summary>Student's t distribution.</summary>
public static class StudentT
{
    /// <summary>The t with P(T &lt;= t) = p, from the beta distribution of t^2 / (df + t^2).</summary>
    /// <param name="p">A probability in (0, 1).</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double Quantile(double p, double df)
    {
        if (p < 0.5)
            return -Quantile(1 - p, df);
        double y = Beta.Quantile(2 * p - 1, 0.5, df / 2);
        if (y < 0.9)
            return Math.Sqrt(df * y / (1 - y));
        double x = Beta.Quantile(2 * (1 - p), df / 2, 0.5); // the complement, exact in the far tail
        return Math.Sqrt(df * (1 - x) / x);
    }

    /// <summary>The two-sided p-value of t.</summary>
    /// <param name="t">The statistic.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double TwoSidedP(double t, double df) => Beta.Cdf(df / (df + t * t), df / 2, 0.5);

    /// <summary>The t of a two-sided interval: Quantile(1 - (1 - level) / 2).</summary>
    /// <param name="level">Coverage in (0, 1).</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double TwoSided(double level, double df) => -Quantile((1 - level) / 2, df);
}
