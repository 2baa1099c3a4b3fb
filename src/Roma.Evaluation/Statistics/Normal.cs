namespace Roma.Evaluation.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>P(Z &lt;= z).</summary>
    /// <param name="z">Any number.</param>
    public static double Cdf(double z) => SpecialFunctions.Erfc(-z / Math.Sqrt(2)) / 2;

    /// <summary>The z with P(Z &lt;= z) = p: Newton's method on ln Cdf, which is concave and therefore approaches from the left without overshooting.</summary>
    /// <param name="p">A probability, 0 and 1 give the infinities.</param>
    public static double Quantile(double p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(p, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(p, 1);
        if (p > 0.5)
            return -Quantile(1 - p);
        if (p == 0)
            return double.NegativeInfinity;
        double z = -Math.Sqrt(-2 * Math.Log(p));
        for (int i = 0; i < 50; i++)
        {
            double cdf = Cdf(z), step = Math.Log(p / cdf) * cdf * Math.Sqrt(2 * Math.PI) * Math.Exp(z * z / 2);
            z += step;
            if (Math.Abs(step) <= 1e-15 * Math.Max(1, Math.Abs(z)))
                break;
        }
        return z;
    }

    /// <summary>The z of a two-sided interval or test: Quantile(1 - (1 - level) / 2).</summary>
    /// <param name="level">Coverage in (0, 1), for example 0.95.</param>
    public static double TwoSided(double level) => -Quantile((1 - level) / 2);
}
