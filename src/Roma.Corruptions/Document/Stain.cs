using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>Spilt coffee: brown blots with ragged outlines and a darker rim, multiplied onto the picture.</summary>
/// <param name="Count">How many, 1 to 100.</param>
/// <param name="Size">Mean radius as a share of the shorter side, above 0 to 2.</param>
/// <param name="Strength">How dark they are, 0 to 1.</param>
[Name("stain")]
public sealed record Stain(int Count, double Size, double Strength) : StochasticCorruption
{
    private const double Cell = 24; // pixels of the outline's raggedness at 224
    private const float Rim = 0.12f;
    private const int Octaves = 2;

    /// <summary>How many.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 100, "blots");

    /// <summary>Mean radius as a share of the shorter side.</summary>
    public double Size { get; init; } = Guard.InRange(Size, 1e-3, 2, "of the shorter side");

    /// <summary>How dark they are.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the light");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Draws.Uniform(random, fields.Add("blots", 3 * Count)); // x, y, radius
        Clouds.Draw(width, height, CellOf(width, height), Octaves, random, fields);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        int side = Math.Min(image.Width, image.Height);
        using Scratch<float> clouds = new(image.Width * image.Height), dark = new(image.Width * image.Height);
        Clouds.Fill(fields["clouds"], image.Width, image.Height, CellOf(image.Width, image.Height), Octaves, clouds);
        dark.Span.Clear();
        for (ReadOnlySpan<float> draws = fields["blots"]; draws.Length > 0; draws = draws[3..])
            Blot(dark.Span, clouds.Span, image.Width, image.Height, draws[0] * image.Width, draws[1] * image.Height, (float)(Size * side * (0.6 + 0.8 * draws[2])));
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        ReadOnlySpan<float> depth = dark.Span;
        for (int i = 0, at = 0; i < depth.Length; i++, at += 3)
        {
            float d = depth[i]; // brown: blue is swallowed most
            to[at] = Layers.ToByte(from[at] * (1 - 0.45f * d));
            to[at + 1] = Layers.ToByte(from[at + 1] * (1 - 0.7f * d));
            to[at + 2] = Layers.ToByte(from[at + 2] * (1 - d));
        }
        return result;
    }

    private void Blot(Span<float> dark, ReadOnlySpan<float> clouds, int width, int height, float cx, float cy, float radius)
    {
        float strength = (float)Strength, reach = 1.6f * radius;
        for (int y = Math.Max(0, (int)(cy - reach)); y < Math.Min(height, cy + reach); y++)
        {
            for (int x = Math.Max(0, (int)(cx - reach)); x < Math.Min(width, cx + reach); x++)
            {
                float dx = x + 0.5f - cx, dy = y + 0.5f - cy, inside = 1 - MathF.Sqrt(dx * dx + dy * dy) / radius + 1.2f * (clouds[y * width + x] - 0.5f);
                if (inside <= 0)
                    continue;
                float edge = Math.Min(1, inside / 0.03f), rim = Math.Max(0, 1 - inside / Rim);
                dark[y * width + x] = Math.Max(dark[y * width + x], strength * edge * (0.55f + 0.45f * rim));
            }
        }
    }

    private static double CellOf(int width, int height) => Math.Max(2, Cell * Math.Min(width, height) / 224.0);
}
