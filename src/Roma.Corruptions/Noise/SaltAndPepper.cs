using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Replaces a share of the pixels by black or white, all channels together.</summary>
/// <param name="Amount">The share, 0 to 1; half of it becomes white.</param>
[Name("salt_and_pepper")]
public sealed record SaltAndPepper(double Amount) : StochasticCorruption
{
    /// <summary>The share of replaced pixels.</summary>
    public double Amount { get; init; } = Guard.InRange(Amount, 0, 1, "of the pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddUniform("flip", checked(width * height), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        ReadOnlySpan<float> flip = fields["flip"];
        (float low, float high) = ((float)(Amount / 2), (float)(1 - Amount / 2));
        for (int i = 0; i < flip.Length; i++)
        {
            if (flip[i] < low || flip[i] >= high)
                result.Pixels.AsSpan(3 * i, 3).Fill(flip[i] < low ? (byte)0 : (byte)255);
        }
        return result;
    }
}
