using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Tone;

/// <summary>Scales and raises the saturation and keeps hue and value. Raising tints gray red, its hue being 0.</summary>
/// <param name="Factor">What saturation is multiplied by, 0 to 100.</param>
/// <param name="Lift">What is added then, -1 to 1.</param>
[Name("saturate")]
public sealed record Saturate(double Factor, double Lift) : ICorruption
{
    /// <summary>What saturation is multiplied by.</summary>
    public double Factor { get; init; } = Guard.InRange(Factor, 0, 100, "(a factor)");

    /// <summary>What is added then.</summary>
    public double Lift { get; init; } = Guard.InRange(Lift, -1, 1, "of the full range");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        if (fidelity == Fidelity.Parity)
            HsvMap.Apply(image, result, (h, s, v) => (h, Math.Clamp(s * Factor + Lift, 0, 1), v));
        else
            Stretch(image.Pixels, result.Pixels);
        return result;
    }

    // With hue and value kept, the distances of the channels from the largest one stay in proportion.
    private void Stretch(ReadOnlySpan<byte> from, Span<byte> to)
    {
        using var table = new Scratch<float>(256 * 256); // by value and range
        Span<float> factors = table.Span;
        for (int value = 1; value < 256; value++)
        {
            for (int range = 1; range <= value; range++)
            {
                double saturation = range / (double)value;
                factors[value * 256 + range] = (float)(Math.Clamp(saturation * Factor + Lift, 0, 1) / saturation);
            }
        }
        double tint = 1 - Math.Clamp(Lift, 0, 1);
        to = to[..from.Length];
        for (int i = 0; i + 2 < from.Length; i += 3)
        {
            int r = from[i], g = from[i + 1], b = from[i + 2], value = Math.Max(r, Math.Max(g, b)), range = value - Math.Min(r, Math.Min(g, b));
            if (range == 0)
            {
                byte other = (byte)(value * tint + 0.5);
                (to[i], to[i + 1], to[i + 2]) = ((byte)value, other, other);
                continue;
            }
            float factor = factors[value * 256 + range], top = value + 0.5f;
            (to[i], to[i + 1], to[i + 2]) = ((byte)(top - (value - r) * factor), (byte)(top - (value - g) * factor), (byte)(top - (value - b) * factor));
        }
    }
}
