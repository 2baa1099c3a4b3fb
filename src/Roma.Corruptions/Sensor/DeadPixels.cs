using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>Pixels that always show the same: black, white, or a channel stuck at full.</summary>
/// <param name="Share">The share of such pixels, 0 to 1; at least one.</param>
[Name("dead_pixels")]
public sealed record DeadPixels(double Share) : StochasticCorruption
{
    private const int Kinds = 5;

    /// <summary>The share of such pixels.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) =>
        Draws.Uniform(random, fields.Add("places", 3 * Math.Max(1, (int)Math.Round(Share * width * height))));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        for (ReadOnlySpan<float> draws = fields["places"]; draws.Length > 0; draws = draws[3..])
        {
            Span<byte> pixel = result.Pixels.AsSpan(3 * ((int)(draws[1] * image.Height) * image.Width + (int)(draws[0] * image.Width)), 3);
            int kind = (int)(draws[2] * Kinds);
            if (kind < 3)
                pixel[kind] = 255;
            else
                pixel.Fill(kind == 3 ? (byte)0 : (byte)255);
        }
        return result;
    }
}
