using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Bright slanting streaks of drops before a darkened scene.</summary>
/// <param name="Density">Streaks per 1000 pixels, 0 to 100; at least one.</param>
/// <param name="Length">Mean length in pixels, above 0 to 1000.</param>
/// <param name="Opacity">Of the brightest streak, 0 to 1.</param>
/// <param name="Gloom">What the scene loses, 0 to 1.</param>
[Name("rain")]
public sealed record Rain(double Density, double Length, double Opacity, double Gloom) : StochasticCorruption
{
    private const float Slant = 0.35f;

    /// <summary>Streaks per 1000 pixels.</summary>
    public double Density { get; init; } = Guard.InRange(Density, 0, 100, "per 1000 pixels");

    /// <summary>Mean length in pixels.</summary>
    public double Length { get; init; } = Guard.InRange(Length, 1e-3, 1000, "pixels");

    /// <summary>Opacity of the brightest streak.</summary>
    public double Opacity { get; init; } = Guard.InRange(Opacity, 0, 1, "(opacity)");

    /// <summary>What the scene loses.</summary>
    public double Gloom { get; init; } = Guard.InRange(Gloom, 0, 1, "of the light");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("wind", 1));
        Draws.Uniform(random, fields.Add("streaks", 4 * Math.Max(1, (int)Math.Round(Density * width * height / 1000)))); // x, y, length, opacity
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using var mask = new Scratch<byte>(image.Width * image.Height);
        mask.Span.Clear();
        float slant = (2 * fields["wind"][0] - 1) * Slant;
        using (Mat canvas = Mats.Of(mask.Array, image.Width, image.Height, MatType.CV_8UC1))
        {
            for (ReadOnlySpan<float> draws = fields["streaks"]; draws.Length > 0; draws = draws[4..])
            {
                float length = (float)Length * (0.5f + draws[2]), x = draws[0] * (image.Width + 1), y = draws[1] * (image.Height + length) - length;
                Pen.Line(canvas, x, y, x + slant * length, y + length, 1, 0.4 + 0.6 * draws[3]);
            }
        }
        RgbImage result = Levels.Map(image, level => level * (1 - Gloom));
        Layers.Paint(result, mask.Span, new Rgb(205, 210, 220), Opacity);
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Length = Length * factor, Density = Density / factor }; // the share that is covered stays
}
