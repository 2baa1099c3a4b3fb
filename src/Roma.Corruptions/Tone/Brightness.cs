using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Tone;

/// <summary>Raises the value (the largest channel) and keeps hue and saturation: white stays, black becomes gray.</summary>
/// <param name="Lift">What is added, as a share of the full range, -1 to 1.</param>
[Name("brightness")]
public sealed record Brightness(double Lift) : ICorruption
{
    /// <summary>What is added, as a share of the full range.</summary>
    public double Lift { get; init; } = Guard.InRange(Lift, -1, 1, "of the full range");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        if (fidelity == Fidelity.Parity)
            HsvMap.Apply(image, result, (h, s, v) => (h, s, Math.Clamp(v + Lift, 0, 1)));
        else
            Scale(image.Pixels, result.Pixels);
        return result;
    }

    // With hue and saturation kept, all channels grow in proportion to the largest one.
    private void Scale(ReadOnlySpan<byte> from, Span<byte> to)
    {
        Span<float> factors = stackalloc float[256];
        for (int value = 1; value < 256; value++)
            factors[value] = (float)(Math.Clamp(value + 255 * Lift, 0, 255) / value);
        byte black = Levels.ToByte(255 * Lift, Fidelity.Rounded);
        to = to[..from.Length];
        for (int i = 0; i + 2 < from.Length; i += 3)
        {
            int r = from[i], g = from[i + 1], b = from[i + 2], value = Math.Max(r, Math.Max(g, b));
            float factor = factors[value];
            (to[i], to[i + 1], to[i + 2]) = value == 0 ? (black, black, black) : ((byte)(r * factor + 0.5f), (byte)(g * factor + 0.5f), (byte)(b * factor + 0.5f));
        }
    }
}
