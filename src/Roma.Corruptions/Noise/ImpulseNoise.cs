using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Salt and pepper: replaces a share of the values, each channel on its own, by the lowest or the highest level.</summary>
/// <param name="Amount">The share, 0 to 1; half of it becomes white.</param>
[Name("impulse_noise")]
public sealed record ImpulseNoise(double Amount) : StochasticCorruption
{
    /// <summary>The share of replaced values.</summary>
    public double Amount { get; init; } = Guard.InRange(Amount, 0, 1, "of the values");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("flip", width * height * 3));
        Draws.Uniform(random, fields.Add("salt", width * height * 3));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> flip = fields["flip"], salt = fields["salt"];
        RgbImage result = image.Clone();
        Span<byte> pixels = result.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            if (flip[i] <= Amount)
                pixels[i] = (byte)(salt[i] <= 0.5f ? 255 : 0);
        }
        return result;
    }
}
