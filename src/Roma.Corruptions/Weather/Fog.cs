using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Lays a cloudy white layer over the picture and dims it back to its former maximum; an all-black picture stays as it is.</summary>
/// <param name="Density">Weight of the layer against the full range, 0 to 100.</param>
/// <param name="Decay">How much finer clouds are damped, 1 to 10: smaller is rougher.</param>
[Name("fog")]
public sealed record Fog(double Density, double Decay) : StochasticCorruption
{
    /// <summary>Weight of the layer against the full range.</summary>
    public double Density { get; init; } = Guard.InRange(Density, 0, 100, "of the full range");

    /// <summary>How much finer clouds are damped.</summary>
    public double Decay { get; init; } = Guard.InRange(Decay, 1, 10, "(damping per level)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddUniform("uniform", PlasmaFractal.Draws(PlasmaFractal.Side(width, height)), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        int side = PlasmaFractal.Side(image.Width, image.Height), width = image.Width, height = image.Height, row = width * 3;
        bool whole = fidelity == Fidelity.Parity; // the reference scales by the extremes of the whole map
        int mapWidth = whole ? side : Math.Min(width, side), mapHeight = whole ? side : Math.Min(height, side);
        using Scratch<float> map = new(mapWidth * mapHeight), levels = new(row);
        PlasmaFractal.Fill(fields, "uniform", side, Decay, mapWidth, mapHeight, map.Span);
        float max = image.Pixels.Max(), layer = (float)(255 * Density), dimming = max / (max + layer);
        var result = RgbImage.Rent(width, height);
        if (max == 0)
        {
            result.Pixels.AsSpan().Clear();
            return result;
        }
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> clouds = map.Span.Slice(y % mapHeight * mapWidth, mapWidth);
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<float> to = levels.Span;
            for (int x = 0, i = 0; x < width; x++, i += 3)
            {
                float cloud = layer * clouds[x < mapWidth ? x : x % mapWidth];
                (to[i], to[i + 1], to[i + 2]) = ((from[i] + cloud) * dimming, (from[i + 1] + cloud) * dimming, (from[i + 2] + cloud) * dimming);
            }
            Levels.ToBytes(to, result.Pixels.AsSpan(y * row, row), fidelity);
        }
        return result;
    }
}
