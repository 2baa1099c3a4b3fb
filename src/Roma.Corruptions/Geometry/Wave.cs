using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Wavy paper or hot air: rows and columns swing as sines.</summary>
/// <param name="Amplitude">How far, in pixels, 0 to 500.</param>
/// <param name="Length">Length of a wave as a share of the shorter side, above 0 to 10.</param>
[Name("wave")]
public sealed record Wave(double Amplitude, double Length) : StochasticCorruption
{
    /// <summary>How far, in pixels.</summary>
    public double Amplitude { get; init; } = Guard.InRange(Amplitude, 0, 500, "pixels");

    /// <summary>Length of a wave as a share of the shorter side.</summary>
    public double Length { get; init; } = Guard.InRange(Length, 1e-2, 10, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("phases", 2));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using Scratch<float> mapX = new(image.Width * image.Height), mapY = new(image.Width * image.Height), columns = new(image.Width);
        double frequency = 2 * Math.PI / (Length * Math.Min(image.Width, image.Height));
        for (int x = 0; x < image.Width; x++)
            columns.Array[x] = (float)(Amplitude * Math.Sin(frequency * x + 2 * Math.PI * fields["phases"][0]));
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            float shift = (float)(Amplitude * Math.Sin(frequency * y + 2 * Math.PI * fields["phases"][1]));
            for (int x = 0; x < image.Width; x++, i++)
                (mapX.Array[i], mapY.Array[i]) = (x + shift, y + columns.Array[x]);
        }
        return Warp.Map(image, mapX, mapY);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Amplitude = Amplitude * factor };
}
