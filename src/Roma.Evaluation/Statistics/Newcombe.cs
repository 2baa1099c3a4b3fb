namespace Roma.Evaluation.Statistics;

/// <summary>Newcombe's intervals for a difference of proportions, built from the Wilson limits of each.</summary>
public static class Newcombe
{
    /// <summary>Two proportions of the same items (Newcombe 1998, Stat Med 17:2635, method 10); undefined of nothing.</summary>
    /// <param name="counts">The cross-tabulation.</param>
    /// <param name="level">Coverage in (0, 1).</param>
    public static Interval Paired(PairedCounts counts, double level = 0.95) => Square(counts.First, counts.Second, Phi(counts), level);

    /// <summary>Two independent proportions (Newcombe 1998, Stat Med 17:873, method 10); undefined where either is of nothing.</summary>
    /// <param name="first">The minuend.</param>
    /// <param name="second">The subtrahend.</param>
    /// <param name="level">Coverage in (0, 1).</param>
    public static Interval Unpaired(Proportion first, Proportion second, double level = 0.95) => Square(first, second, 0, level);

    /// <summary>The correlation of the paired interval, with its continuity correction where positive; 0 where a margin is empty.</summary>
    /// <param name="counts">The cross-tabulation.</param>
    public static double Phi(PairedCounts counts)
    {
        (double a, double b, double c, double d) = (counts.Both, counts.OnlyFirst, counts.OnlySecond, counts.Neither);
        double margins = (a + b) * (c + d) * (a + c) * (b + d), cross = a * d - b * c;
        return margins == 0 ? 0 : (cross > 0 ? Math.Max(0, cross - counts.Total / 2.0) : cross) / Math.Sqrt(margins);
    }

    private static Interval Square(Proportion first, Proportion second, double phi, double level)
    {
        (double p1, double p2, Interval w1, Interval w2) = (first.Value, second.Value, first.Wilson(level), second.Wilson(level));
        return new(p1 - p2 - Root(p1 - w1.Low, w2.High - p2), p1 - p2 + Root(w1.High - p1, p2 - w2.Low));

        double Root(double u, double v) => Math.Sqrt(Math.Max(0, u * u - 2 * phi * u * v + v * v));
    }
}
