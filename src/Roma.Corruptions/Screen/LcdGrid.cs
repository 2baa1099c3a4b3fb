using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Screen;

/// <summary>A display seen from near: red, green and blue stripes side by side, and dark gaps between its rows.</summary>
/// <param name="Strength">What the light between stripes and in the gaps loses, 0 to 1.</param>
/// <param name="Pitch">Distance of the display's pixels in pixels, 2 to 200.</param>
[Name("lcd_grid")]
public sealed record LcdGrid(double Strength, double Pitch) : ICorruption
{
    private const double Gap = 0.25;

    /// <summary>What the light between stripes and in the gaps loses.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the light");

    /// <summary>Distance of the display's pixels in pixels.</summary>
    public double Pitch { get; init; } = Guard.InRange(Pitch, 2, 200, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        int row = 3 * image.Width;
        using var gains = new Scratch<float>(row);
        for (int i = 0; i < row; i++)
            gains.Array[i] = (float)(1 - Strength * Dark(i / 3 / Pitch - i % 3 / 3.0, 1 / 3.0));
        ReadOnlySpan<float> columns = gains.Span;
        var result = RgbImage.Rent(image.Width, image.Height);
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            float gain = (float)(1 - Strength * Dark(y / Pitch, 1 - Gap));
            for (int x = 0; x < to.Length; x++)
                to[x] = Layers.ToByte(from[x] * gain * columns[x]);
        }
        return result;
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Pitch = Math.Max(2, Pitch * factor) };

    // The share of a pixel that starts at this place (in pitches) and lies outside the lit part, which starts at whole places.
    private double Dark(double place, double lit)
    {
        double start = place - Math.Floor(place), end = start + 1 / Pitch;
        double covered = Math.Max(0, Math.Min(end, lit) - start) + Math.Max(0, Math.Min(end, 1 + lit) - Math.Max(start, 1));
        return 1 - Math.Min(1, covered * Pitch);
    }
}
