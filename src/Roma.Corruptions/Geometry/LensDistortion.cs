using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Straight lines bend outwards (barrel) or inwards (pincushion): the distance r from the centre is read at r (1 + k r^2) / (1 + k), so corners stay.</summary>
/// <param name="Bend">k for r = 1 in the corners: above 0 barrel, below 0 pincushion; -0.3 to 3.</param>
[Name("lens_distortion")]
public sealed record LensDistortion(double Bend) : ICorruption
{
    /// <summary>k for r = 1 in the corners.</summary>
    public double Bend { get; init; } = Guard.InRange(Bend, -0.3, 3, "(k)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using Scratch<float> mapX = new(image.Width * image.Height), mapY = new(image.Width * image.Height);
        Span<float> toX = mapX.Span, toY = mapY.Span;
        float cx = (image.Width - 1) / 2f, cy = (image.Height - 1) / 2f, k = (float)(Bend / Math.Max(cx * cx + cy * cy, 1)), whole = (float)(1 / (1 + Bend));
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++, i++)
            {
                float dx = x - cx, dy = y - cy, scale = (1 + k * (dx * dx + dy * dy)) * whole;
                (toX[i], toY[i]) = (cx + dx * scale, cy + dy * scale);
            }
        }
        return Warp.Map(image, mapX, mapY);
    }
}
