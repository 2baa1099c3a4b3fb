using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Scattered daylight before the scene, after Koschmieder: t x + (1 - t) a with t = exp(-depth); the depth falls from the top, the horizon, to the bottom.</summary>
/// <param name="Depth">Optical depth at the top, 0 to 10; a third of it at the bottom.</param>
/// <param name="Airlight">Level of the haze as a share of the full range, 0 to 1.</param>
[Name("haze")]
public sealed record Haze(double Depth, double Airlight) : ICorruption
{
    /// <summary>Optical depth at the top.</summary>
    public double Depth { get; init; } = Guard.InRange(Depth, 0, 10, "(optical depth)");

    /// <summary>Level of the haze as a share of the full range.</summary>
    public double Airlight { get; init; } = Guard.InRange(Airlight, 0, 1, "of the full range");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var share = new Scratch<float>(image.Width * image.Height);
        for (int y = 0; y < image.Height; y++)
            share.Span.Slice(y * image.Width, image.Width).Fill((float)(1 - Math.Exp(-Depth * (1 - 2.0 / 3 * (y + 0.5) / image.Height))));
        return Layers.Veil(image, share.Span, (float)(255 * Airlight));
    }
}
