using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Screen;

/// <summary>A display that flickers faster than the shutter: level bands, brighter and darker, where its backlight was on and off.</summary>
/// <param name="Strength">What the dark bands lose, 0 to 1.</param>
/// <param name="Bands">How many from top to bottom, above 0 to 1000.</param>
[Name("refresh_bands")]
public sealed record RefreshBands(double Strength, double Bands) : StochasticCorruption
{
    /// <summary>What the dark bands lose.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the light");

    /// <summary>How many from top to bottom.</summary>
    public double Bands { get; init; } = Guard.InRange(Bands, 1e-3, 1000, "bands");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("phase", 1));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = 3 * image.Width;
        for (int y = 0; y < image.Height; y++)
        {
            double wave = 0.5 + 0.5 * Math.Cos(2 * Math.PI * (fields["phase"][0] + Bands * (y + 0.5) / image.Height));
            float gain = (float)(1 - Strength * wave * wave * (3 - 2 * wave));
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < to.Length; x++)
                to[x] = Layers.ToByte(from[x] * gain);
        }
        return result;
    }
}
