namespace Roma.Evaluation.Statistics;

/// <summary>The few special functions that the distributions need, to about 1e-14 relative.</summary>
internal static class SpecialFunctions
{
    private static readonly double InverseSqrtPi = 1 / Math.Sqrt(Math.PI);

    /// <summary>erfc(x): Taylor series of erf below 2, Lentz's continued fraction above.</summary>
    public static double Erfc(double x)
    {
        if (x < 0)
            return 2 - Erfc(-x);
        if (x < 2)
        {
            double term = x, sum = x;
            for (int n = 1; term > 1e-17 * sum; n++)
                sum += term *= 2 * x * x / (2 * n + 1);
            return 1 - 2 * InverseSqrtPi * Math.Exp(-x * x) * sum;
        }
        // exp(-x^2) / sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), evaluated from the bottom
        double tail = x;
        for (int k = 200; k > 0; k--)
            tail = x + k / 2.0 / tail;
        return Math.Exp(-x * x) * InverseSqrtPi / tail;
    }

    /// <summary>ln(1 + u) - u without cancellation, for u > -1.</summary>
    public static double LogOnePlusMinus(double u)
    {
        if (Math.Abs(u) > 0.5)
            return Math.Log(1 + u) - u;
        double s = u / (2 + u), square = s * s, power = s, sum = 0; // ln(1+u) = 2 atanh(s)
        for (int k = 3; k < 45; k += 2)
            sum += (power *= square) / k;
        return 2 * sum - u * s;
    }

    /// <summary>ln Gamma(z) - ((z - 1/2) ln z - z + ln(2 pi) / 2), for z > 0.</summary>
    public static double StirlingError(double z)
    {
        double shift = 0;
        for (; z < 16; z++)
            shift += (z + 0.5) * Math.Log((z + 1) / z) - 1;
        double q = 1 / (z * z);
        return shift + (1.0 / 12 - q * (1.0 / 360 - q * (1.0 / 1260 - q * (1.0 / 1680 - q * (1.0 / 1188 - q * 691 / 360360))))) / z;
    }

    /// <summary>x^a (1-x)^b / B(a, b) in Loader's saddle-point form: exact to rounding also for counts by the hundred thousand.</summary>
    public static double BetaKernel(double x, double a, double b)
    {
        double mean = a / (a + b), d = x - mean;
        double stirling = StirlingError(a + b) - StirlingError(a) - StirlingError(b);
        double deviance = a * LogOnePlusMinus(d / mean) + b * LogOnePlusMinus(-d / (b / (a + b)));
        return Math.Exp(stirling + deviance) * Math.Sqrt(a / (a + b) * b / (2 * Math.PI));
    }

    /// <summary>The mass of k successes in n fair tosses.</summary>
    public static double FairBinomialMass(int k, int n) => k == 0 || k == n ? Math.Pow(0.5, n) : BetaKernel(0.5, k, n - k) * n / ((double)k * (n - k));
}
