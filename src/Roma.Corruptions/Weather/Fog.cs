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
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        int side = PlasmaFractal.Side(width, height);
        Draws.Uniform(random, fields.Add("uniform", checked(side * side) - 1));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        int side = PlasmaFractal.Side(image.Width, image.Height);
        using var map = new Scratch<double>(side * side);
        PlasmaFractal.Fill(fields["uniform"], side, Decay, map.Span);
        var result = new RgbImage(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        double max = 0;
        foreach (byte level in from)
            max = Math.Max(max, level);
        double layer = 255 * Density, dimming = max / (max + layer), offset = fidelity == Fidelity.Rounded ? 0.5 : 0;
        if (max == 0)
            return result;
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                double cloud = layer * map.Array[y * side + x];
                for (int end = i + 3; i < end; i++)
                    to[i] = (byte)(Math.Clamp((from[i] + cloud) * dimming, 0, 255) + offset);
            }
        }
        return result;
    }
}
