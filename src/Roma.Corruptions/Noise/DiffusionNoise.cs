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
    private const int Steps = 1000;

    /// <summary>The step t.</summary>
    public int Step { get; init; } = Guard.InRange(Step, 0, Steps - 1, "steps");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        double kept = Kept();
        (float signal, float noise) = ((float)Math.Sqrt(kept), (float)(255 * Math.Sqrt(1 - kept)));
        return Elementwise.Apply(image, fields, "normal", (pixels, normal, levels) =>
        {
            for (int i = 0; i < levels.Length; i++)
                levels[i] = signal * pixels[i] + noise * normal[i];
        }, fidelity);
    }

    /// <summary>The share of the signal's variance that is left: a.</summary>
    internal double Kept()
    {
        double kept = 1;
        for (int i = 0; i <= Step; i++)
            kept *= 1 - ((5e-3 - 1e-5) / (1 + Math.Exp(6 - 12.0 * i / (Steps - 1))) + 1e-5);
        return kept;
    }
}
