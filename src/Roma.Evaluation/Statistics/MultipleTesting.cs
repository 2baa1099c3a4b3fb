namespace Roma.Evaluation.Statistics;

/// <summary>Adjusted p-values for a family of tests; a test is rejected at alpha where its adjusted p-value is at most alpha.</summary>
public static class MultipleTesting
{
    /// <summary>Controls the chance of any false rejection (Holm 1979): running maximum of (m - i + 1) p(i), in the order given.</summary>
    /// <param name="p">P-values.</param>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        (int[] order, double[] adjusted, double running) = (Ascending(p), new double[p.Count], 0);
        for (int i = 0; i < order.Length; i++)
            adjusted[order[i]] = running = Math.Max(running, Math.Min(1, (p.Count - i) * p[order[i]]));
        return adjusted;
    }

    /// <summary>Controls the expected share of false rejections (Benjamini and Hochberg 1995): running minimum, from the largest, of m p(i) / i.</summary>
    /// <param name="p">P-values.</param>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p)
    {
        (int[] order, double[] adjusted, double running) = (Ascending(p), new double[p.Count], 1);
        for (int i = order.Length - 1; i >= 0; i--)
            adjusted[order[i]] = running = Math.Min(running, p.Count * p[order[i]] / (i + 1));
        return adjusted;
    }

    private static int[] Ascending(IReadOnlyList<double> p) => [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
}
