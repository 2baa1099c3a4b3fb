namespace Roma.Evaluation.Statistics;

/// <summary>The beta distribution.</summary>
public static class Beta
{
    /// <summary>P(X &lt;= x), the regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).</summary>
    /// <param name="x">In [0, 1].</param>
    /// <param name="a">First shape, positive.</param>
    /// <param name="b">Second shape, positive.</param>
    public static double Cdf(double x, double a, double b)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(a);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(b);
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        return x > (a + 1) / (a + b + 2) ? 1 - Lower(1 - x, b, a) : Lower(x, a, b);
    }

    /// <summary>The x with Cdf(x) = p: Newton's method kept inside a shrinking bracket.</summary>
    /// <param name="p">A probability.</param>
    /// <param name="a">First shape, positive.</param>
    /// <param name="b">Second shape, positive.</param>
    public static double Quantile(double p, double a, double b)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(p, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(p, 1);
        if (p is 0 or 1)
            return p;
        double low = 0, high = 1, x = a / (a + b);
        for (int i = 0; i < 2000; i++)
        {
            double excess = Cdf(x, a, b) - p;
            if (excess > 0)
                high = x;
            else
                low = x;
            double next = x - excess * x * (1 - x) / SpecialFunctions.BetaKernel(x, a, b);
            if (!(next > low && next < high))
                next = (low + high) / 2;
            double step = Math.Abs(next - x);
            x = next;
            if (step <= 2e-16 * x)
                break;
        }
        return x;
    }

    // Modified Lentz; converges in about sqrt(max(a, b)) terms for x below (a + 1) / (a + b + 2).
    private static double Lower(double x, double a, double b)
    {
        const double tiny = 1e-300;
        double d = 1 - (a + b) * x / (a + 1), c = 1;
        d = 1 / (Math.Abs(d) < tiny ? tiny : d);
        double fraction = d;
        for (int m = 1; m < 1_000_000; m++)
        {
            fraction *= Advance(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
            double factor = Advance(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
            fraction *= factor;
            if (Math.Abs(factor - 1) < 1e-16)
                break;
        }
        return SpecialFunctions.BetaKernel(x, a, b) * fraction / a;

        double Advance(double coefficient)
        {
            d = 1 + coefficient * d;
            c = 1 + coefficient / c;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = Math.Abs(c) < tiny ? tiny : c;
            return c * d;
        }
    }
}
