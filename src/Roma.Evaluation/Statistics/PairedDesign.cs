namespace Roma.Evaluation.Statistics;

/// <summary>Sizes of experiments that compare two models on the same samples (Connor 1987, Biometrics 43:207).</summary>
public static class PairedDesign
{
    /// <summary>The smallest difference that n pairs can detect by the rule of thumb (z_alpha + z_power) sqrt(discordant / n), which ignores that it cannot exceed the discordant share.</summary>
    /// <param name="n">Pairs.</param>
    /// <param name="discordant">Share of pairs on which the models differ, in (0, 1].</param>
    /// <param name="alpha">Two-sided level of the test.</param>
    /// <param name="power">Chance to detect it.</param>
    public static double SimpleDetectableDifference(int n, double discordant, double alpha = 0.05, double power = 0.8) =>
        (Normal.TwoSided(1 - alpha) + Normal.Quantile(power)) * Math.Sqrt(discordant / n);

    /// <summary>The smallest difference d that n pairs can detect: the root of z_alpha sqrt(psi) + z_power sqrt(psi - d^2) = d sqrt(n), psi = discordant; NaN where none up to psi can be.</summary>
    /// <param name="n">Pairs.</param>
    /// <param name="discordant">Share of pairs on which the models differ, in (0, 1].</param>
    /// <param name="alpha">Two-sided level of the test.</param>
    /// <param name="power">Chance to detect it.</param>
    public static double DetectableDifference(int n, double discordant, double alpha = 0.05, double power = 0.8)
    {
        (double za, double zb) = (Normal.TwoSided(1 - alpha), Normal.Quantile(power));
        double d = Math.Sqrt(discordant) * (za * Math.Sqrt(n) + zb * Math.Sqrt(n + zb * zb - za * za)) / (n + zb * zb); // the squared equation is quadratic in d
        return d <= discordant ? d : double.NaN;
    }

    /// <summary>The pairs needed to detect a difference, before rounding up.</summary>
    /// <param name="difference">Difference of accuracies, positive and at most <paramref name="discordant"/>.</param>
    /// <param name="discordant">Share of pairs on which the models differ, in (0, 1].</param>
    /// <param name="alpha">Two-sided level of the test.</param>
    /// <param name="power">Chance to detect it.</param>
    public static double SampleSize(double difference, double discordant, double alpha = 0.05, double power = 0.8)
    {
        double root = Normal.TwoSided(1 - alpha) * Math.Sqrt(discordant) + Normal.Quantile(power) * Math.Sqrt(discordant - difference * difference);
        return root * root / (difference * difference);
    }
}
