using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>Thin gray lines right across the page, nearly level or upright, as from a dirty scanner or a pen that slipped.</summary>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="Width">Width in pixels, above 0 to 100.</param>
/// <param name="Strength">Opacity, 0 to 1.</param>
[Name("noisy_lines")]
public sealed record NoisyLines(int Count, double Width, double Strength) : StochasticCorruption
{
    private const float Slant = 0.06f; // greatest, of the side

    /// <summary>How many.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 1000, "lines");

    /// <summary>Width in pixels.</summary>
    public double Width { get; init; } = Guard.InRange(Width, 1e-3, 100, "pixels");

    /// <summary>Opacity.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "(opacity)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("lines", 3 * Count)); // direction, place, slant

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using var mask = new Scratch<byte>(image.Width * image.Height);
        mask.Span.Clear();
        using (Mat canvas = Mats.Of(mask.Array, image.Width, image.Height, MatType.CV_8UC1))
        {
            for (ReadOnlySpan<float> draws = fields["lines"]; draws.Length > 0; draws = draws[3..])
            {
                float place = draws[1], end = place + (draws[2] - 0.5f) * 2 * Slant;
                if (draws[0] < 0.6f)
                    Pen.Line(canvas, 0, place * image.Height, image.Width, end * image.Height, Width);
                else
                    Pen.Line(canvas, place * image.Width, 0, end * image.Width, image.Height, Width);
            }
        }
        RgbImage result = image.Clone();
        Layers.Paint(result, mask.Span, new Rgb(50, 50, 55), Strength);
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Width = Width * factor };
}
