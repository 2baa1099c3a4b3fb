namespace Roma.Evaluation.Statistics;

/// <summary>Power of the two-sided test that two independent proportions are equal.</summary>
public static class TwoProportionPower
{
    /// <summary>Cohen's effect size h = 2 asin sqrt p1 - 2 asin sqrt p2 (Cohen 1988).</summary>
    /// <param name="p1">First proportion.</param>
    /// <param name="p2">Second proportion.</param>
    public static double CohenH(double p1, double p2) => 2 * (Math.Asin(Math.Sqrt(p1)) - Math.Asin(Math.Sqrt(p2)));

    /// <summary>Power from Cohen's h.</summary>
    /// <param name="p1">First proportion.</param>
    /// <param name="p2">Second proportion.</param>
    /// <param name="n1">Size of the first sample.</param>
    /// <param name="n2">Size of the second sample.</param>
    /// <param name="alpha">Two-sided level.</param>
    public static double Arcsine(double p1, double p2, int n1, int n2, double alpha = 0.05)
    {
        double z = Normal.TwoSided(1 - alpha), shift = CohenH(p1, p2) / Math.Sqrt(1.0 / n1 + 1.0 / n2);
        return Normal.Cdf(shift - z) + Normal.Cdf(-shift - z);
    }

    /// <summary>Power of the z test: pooled standard error under the hypothesis, unpooled under the alternative.</summary>
    /// <param name="p1">First proportion.</param>
    /// <param name="p2">Second proportion.</param>
    /// <param name="n1">Size of the first sample.</param>
    /// <param name="n2">Size of the second sample.</param>
    /// <param name="alpha">Two-sided level.</param>
    public static double Pooled(double p1, double p2, int n1, int n2, double alpha = 0.05)
    {
        double d = p1 - p2, p = (p1 * n1 + p2 * n2) / (n1 + n2), limit = Normal.TwoSided(1 - alpha) * Math.Sqrt(p * (1 - p) * (1.0 / n1 + 1.0 / n2));
        double s = Math.Sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2);
        return Normal.Cdf((d - limit) / s) + Normal.Cdf((-d - limit) / s);
    }
}
