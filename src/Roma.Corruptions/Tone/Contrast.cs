using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Tone;

/// <summary>Pulls every channel towards its mean.</summary>
/// <param name="Share">How much of the distance to the mean is left, 0 to 1.</param>
[Name("contrast")]
public sealed record Contrast(double Share) : ICorruption
{
    /// <summary>How much of the distance to the mean is left.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the distance");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        Span<long> sums = stackalloc long[3];
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i + 2 < pixels.Length; i += 3)
        {
            sums[0] += pixels[i];
            sums[1] += pixels[i + 1];
            sums[2] += pixels[i + 2];
        }
        Span<byte> tables = stackalloc byte[3 * 256];
        for (int i = 0; i < tables.Length; i++)
        {
            double mean = sums[i / 256] / (255.0 * image.Width * image.Height);
            tables[i] = Levels.ToByte(((i % 256 / 255.0 - mean) * Share + mean) * 255, fidelity);
        }
        return Levels.Map(image, tables[..256], tables[256..512], tables[512..]);
    }
}
