using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>Rows and columns that always show one colour: black, white, or a primary one.</summary>
/// <param name="Share">The share of the rows and of the columns, 0 to 1; at least one line.</param>
[Name("dead_lines")]
public sealed record DeadLines(double Share) : StochasticCorruption
{
    private static readonly Rgb[] Colours = [Rgb.Black, Rgb.White, new(255, 0, 0), new(0, 255, 0), new(0, 0, 255)];

    /// <summary>The share of the rows and of the columns.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the lines");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("rows", 2 * (int)Math.Round(Share * height)));
        Draws.Uniform(random, fields.Add("columns", 2 * Math.Max(1, (int)Math.Round(Share * width))));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        for (ReadOnlySpan<float> draws = fields["rows"]; draws.Length > 0; draws = draws[2..])
            Fill(result.Pixels.AsSpan((int)(draws[0] * image.Height) * image.Width * 3, image.Width * 3), 3, draws[1]);
        for (ReadOnlySpan<float> draws = fields["columns"]; draws.Length > 0; draws = draws[2..])
            Fill(result.Pixels.AsSpan((int)(draws[0] * image.Width) * 3), 3 * image.Width, draws[1]);
        return result;
    }

    private static void Fill(Span<byte> pixels, int step, float draw)
    {
        Rgb colour = Colours[(int)(draw * Colours.Length)];
        for (int at = 0; at + 2 < pixels.Length; at += step)
            (pixels[at], pixels[at + 1], pixels[at + 2]) = (colour.R, colour.G, colour.B);
    }
}
