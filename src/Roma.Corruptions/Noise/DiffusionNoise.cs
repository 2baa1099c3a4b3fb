using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>
/// The forward process of a diffusion model at a step t, as NoisyRollout distorts pictures: sqrt(a) x + sqrt(1 - a) noise with a the product of 1 - beta over the
/// steps 0 to t of 1000 and beta a logistic curve from 1e-5 to 5e-3. It also darkens.
/// </summary>
/// <param name="Step">t, 0 to 999.</param>
[Name("diffusion_noise")]
public sealed record DiffusionNoise(int Step) : StochasticCorruption
{
    /// <summary>The number of diffusion steps.</summary>
    public const int Steps = 1000;

    private static readonly double[] Kept = Cumulate();

    /// <summary>The step t.</summary>
    public int Step { get; init; } = Guard.InRange(Step, 0, Steps - 1, "steps");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (double of, double with) = At(Step);
        (float signal, float noise) = ((float)of, (float)(255 * with));
        return Elementwise.Apply(image, fields, "normal", (pixels, normal, levels) =>
        {
            for (int i = 0; i < levels.Length; i++)
                levels[i] = signal * pixels[i] + noise * normal[i];
        }, fidelity);
    }

    /// <summary>The factors of <c>clip(image * x + noise * N(0, 1), 0, 1)</c> for a picture x in 0..1.</summary>
    /// <param name="step">t, 0 to 999.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public static (double Image, double Noise) At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, Steps);
        return (Math.Sqrt(Kept[step]), Math.Sqrt(1 - Kept[step]));
    }

    private static double[] Cumulate()
    {
        double[] kept = new double[Steps];
        double product = 1;
        for (int i = 0; i < Steps; i++)
            kept[i] = product *= 1 - ((5e-3 - 1e-5) / (1 + Math.Exp(6 - 12.0 * i / (Steps - 1))) + 1e-5);
        return kept;
    }
}
