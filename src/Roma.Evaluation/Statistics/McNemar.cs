namespace Roma.Evaluation.Statistics;

/// <summary>McNemar's test that two runs are equally often right, from the pairs b and c on which only the one or only the other is.</summary>
public static class McNemar
{
    /// <summary>The two-sided exact p-value: min(1, 2 P(X &lt;= min(b, c))), X binomial(b + c, 1/2); 1 where b = c = 0.</summary>
    /// <param name="b">Only the first right.</param>
    /// <param name="c">Only the second right.</param>
    public static double Exact(int b, int c)
    {
        int n = checked(b + c), m = Math.Min(b, c);
        double term = 1, sum = 1; // in units of the mass at m; each lower mass is k / (n - k + 1) of the one before
        for (int k = m; k > 0 && term > 1e-18 * sum; k--)
            sum += term *= (double)k / (n - k + 1);
        return Math.Min(1, 2 * sum * SpecialFunctions.FairBinomialMass(m, n));
    }

    /// <summary>The mid-p value (Fagerland, Lydersen and Laake 2013, BMC Med Res Methodol 13:91): less conservative than the exact one.</summary>
    /// <param name="b">Only the first right.</param>
    /// <param name="c">Only the second right.</param>
    public static double MidP(int b, int c) => (b, c) switch
    {
        (0, 0) => 1,
        _ when b == c => 1 - SpecialFunctions.FairBinomialMass(b, b + c) / 2,
        _ => Exact(b, c) - SpecialFunctions.FairBinomialMass(Math.Min(b, c), b + c),
    };

    /// <summary>The asymptotic test against chi-squared with one degree of freedom: (b - c)^2 / (b + c), or (|b - c| - 1)^2 / (b + c) corrected for continuity.</summary>
    /// <param name="b">Only the first right.</param>
    /// <param name="c">Only the second right.</param>
    /// <param name="corrected">Whether to correct for continuity.</param>
    public static (double Chi2, double P) ChiSquared(int b, int c, bool corrected = false)
    {
        double d = Math.Abs((double)b - c) - (corrected ? 1 : 0), chi2 = b + c == 0 ? 0 : d * d / ((double)b + c);
        return (chi2, SpecialFunctions.Erfc(Math.Sqrt(chi2 / 2)));
    }
}
