namespace Roma.Training.Methods;

/// <summary>The forward process of a diffusion model with 1000 steps and sigmoid betas from 1e-5 to 5e-3, as VCD (arXiv 2311.16922) and NoisyRollout use it.</summary>
public static class DiffusionNoise
{
    /// <summary>The number of diffusion steps.</summary>
    public const int Steps = 1000;

    private static readonly double[] CumulativeAlpha = Cumulate();

    /// <summary>The factors of <c>clip(image * x + noise * N(0, 1), 0, 1)</c> for a picture x in 0..1.</summary>
    /// <param name="step">The diffusion step, 0..999.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public static (double Image, double Noise) At(int step)
    {
        if (step is < 0 or >= Steps)
            throw new ArgumentOutOfRangeException(nameof(step), $"{step} is not in 0..{Steps - 1}.");
        return (Math.Sqrt(CumulativeAlpha[step]), Math.Sqrt(1 - CumulativeAlpha[step]));
    }

    private static double[] Cumulate()
    {
        var cumulative = new double[Steps];
        double product = 1;
        for (int i = 0; i < Steps; i++)
        {
            double x = -6 + 12.0 * i / (Steps - 1);
            product *= 1 - ((0.5e-2 - 1e-5) / (1 + Math.Exp(-x)) + 1e-5);
            cumulative[i] = product;
        }
        return cumulative;
    }
}
