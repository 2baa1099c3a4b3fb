namespace Roma.Evaluation.Statistics;

/// <summary>The chance that at least one of k replies is right.</summary>
public static class PassAtK
{
    /// <summary>The unbiased estimate 1 - C(n - c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374).</summary>
    /// <param name="n">Replies sampled.</param>
    /// <param name="c">Right ones among them, 0 to n.</param>
    /// <param name="k">Replies allowed, 1 to n.</param>
    public static double Estimate(int n, int c, int k)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(c, n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        double miss = 1;
        for (int i = n - c + 1; i <= n; i++)
            miss *= Math.Max(0, 1 - (double)k / i);
        return 1 - miss;
    }
}
