using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A sheet that was folded: creases near the middle lines, each with a worn bright line, one side in the light and the other in the shade.</summary>
/// <param name="Creases">How many, upright and level in turn, 1 to 20.</param>
/// <param name="Shade">What the shaded side loses at the crease, 0 to 1.</param>
/// <param name="Wear">Opacity of the worn line, 0 to 1.</param>
/// <param name="Width">Half the width of the worn line in pixels, above 0 to 100.</param>
[Name("fold")]
public sealed record Fold(int Creases, double Shade, double Wear, double Width) : StochasticCorruption
{
    private const double Reach = 0.12; // how far the shade goes, of the side
    private const float WornLevel = 245;

    /// <summary>How many creases.</summary>
    public int Creases { get; init; } = Guard.InRange(Creases, 1, 20, "creases");

    /// <summary>What the shaded side loses at the crease.</summary>
    public double Shade { get; init; } = Guard.InRange(Shade, 0, 1, "of the light");

    /// <summary>Opacity of the worn line.</summary>
    public double Wear { get; init; } = Guard.InRange(Wear, 0, 1, "(opacity)");

    /// <summary>Half the width of the worn line in pixels.</summary>
    public double Width { get; init; } = Guard.InRange(Width, 1e-3, 100, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("creases", 2 * Creases)); // place, side of the light

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using Scratch<float> shadeX = new(image.Width), wearX = new(image.Width), shadeY = new(image.Height), wearY = new(image.Height);
        shadeX.Span.Fill(1);
        shadeY.Span.Fill(1);
        wearX.Span.Clear();
        wearY.Span.Clear();
        ReadOnlySpan<float> draws = fields["creases"];
        for (int i = 0; i < Creases; i++)
            Crease(i % 2 == 0 ? shadeX.Span : shadeY.Span, i % 2 == 0 ? wearX.Span : wearY.Span, Place(i, draws[2 * i]), draws[2 * i + 1] < 0.5f ? -1 : 1);
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int y = 0, at = 0; y < image.Height; y++)
        {
            (float gain, float row) = (shadeY.Array[y], wearY.Array[y]);
            for (int x = 0; x < image.Width; x++)
            {
                float light = gain * shadeX.Array[x], worn = Math.Max(row, wearX.Array[x]);
                for (int end = at + 3; at < end; at++)
                    to[at] = Layers.ToByte(from[at] * light + (WornLevel - from[at] * light) * worn);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Width = Width * factor };

    // Pairs of creases divide the sheet evenly; each lies a little off.
    private double Place(int i, float draw) => (i / 2 + 1.0) / ((Creases + 1 - i % 2) / 2 + 1.0) + (draw - 0.5) * 0.1;

    private void Crease(Span<float> shade, Span<float> wear, double place, int lit)
    {
        double width = Math.Max(0.3, Width);
        for (int i = 0; i < shade.Length; i++)
        {
            double distance = i + 0.5 - place * shade.Length, share = Math.Abs(distance) / (Reach * shade.Length);
            if (share < 1)
                shade[i] *= (float)(1 - Shade * (1 - share) * (1 - share) * (Math.Sign(distance) == lit ? -0.15 : 1));
            wear[i] = Math.Max(wear[i], (float)(Wear * Math.Exp(-distance * distance / (width * width))));
        }
    }
}
