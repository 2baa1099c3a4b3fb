using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Screen;

/// <summary>A camera's grid against a display's: wide, slightly curved fringes whose red, green and blue are out of step, so that they shimmer in colour.</summary>
/// <param name="Strength">How far the gain leaves 1, 0 to 1.</param>
/// <param name="Period">Distance of the fringes in the middle of the picture in pixels, 2 to 1000.</param>
[Name("moire")]
public sealed record Moire(double Strength, double Period) : StochasticCorruption
{
    private const double ColourStep = 0.13, Curvature = 0.6;

    /// <summary>How far the gain leaves 1.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the light");

    /// <summary>Distance of the fringes in the middle of the picture in pixels.</summary>
    public double Period { get; init; } = Guard.InRange(Period, 2, 1000, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("direction_and_phase", 4));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        // A product of two gratings has waves of the sum and the difference of their frequencies; the sum is too fine to see. The phase is a part of x plus a part of
        // y, so its cosine needs tables of the sides alone.
        ReadOnlySpan<float> draws = fields["direction_and_phase"];
        (double sin, double cos) = Math.SinCos(2 * Math.PI * draws[0]);
        using Scratch<float> cosX = new(3 * image.Width), sinX = new(3 * image.Width), cosY = new(image.Height), sinY = new(image.Height);
        for (int i = 0; i < cosX.Span.Length; i++)
            Wave(i / 3, image.Width, cos, draws[1] + ColourStep * (i % 3), draws[2] - 0.5, out cosX.Array[i], out sinX.Array[i]);
        for (int i = 0; i < cosY.Span.Length; i++)
            Wave(i, image.Height, sin, 0, draws[3] - 0.5, out cosY.Array[i], out sinY.Array[i]);
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = 3 * image.Width;
        float strength = (float)Strength;
        ReadOnlySpan<float> cx = cosX.Span, sx = sinX.Span;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            (float cy, float sy) = (strength * cosY.Array[y], strength * sinY.Array[y]);
            for (int x = 0; x < to.Length; x++)
                to[x] = Layers.ToByte(from[x] * (1 - strength * 0.5f + 0.5f * (cx[x] * cy - sx[x] * sy)));
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Period = Math.Max(2, Period * factor) };

    private void Wave(int at, int side, double direction, double phase, double bend, out float cos, out float sin)
    {
        double distance = at - side / 2.0, turns = direction * distance / Period + phase + Curvature * bend * distance * Math.Abs(distance) / (side * Period);
        (double s, double c) = Math.SinCos(2 * Math.PI * turns);
        (cos, sin) = ((float)c, (float)s);
    }
}
