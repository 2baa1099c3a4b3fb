using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Distortion;

/// <summary>As if the picture lay under moving water: refracts it at a net of light and lights it by that net.</summary>
/// <param name="Lens">How far light is bent, as a share of the shorter side, 0 to 1.</param>
/// <param name="Lighting">How strongly slopes are lit, in full ranges, 0 to 10.</param>
[Name("caustic_refraction")]
public sealed record CausticRefraction(double Lens, double Lighting) : StochasticCorruption
{
    private const float Eta = 4; // the water's index of refraction

    /// <summary>How far light is bent.</summary>
    public double Lens { get; init; } = Guard.InRange(Lens, 0, 1, "of the shorter side");

    /// <summary>How strongly slopes are lit.</summary>
    public double Lighting { get; init; } = Guard.InRange(Lighting, 0, 10, "full ranges");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.Add("time", 1)[0] = (float)random.Uniform(0.5, 2);
        fields.Add("size", 1)[0] = (float)(random.Uniform(0.75, 1.25) * PatternRows.Side(width, height));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (image.Width, image.Height);
        using Scratch<float> light = new(width * height), dx = new(width), dy = new(width), glow = new(width), levels = new(Bilinear.RowLength(width));
        Caustics.Fill(width, height, fields["time"][0], fields["size"][0], light.Span);
        var result = RgbImage.Rent(width, height);
        float lens = (float)(Lens * PatternRows.Side(width, height)), lighting = (float)(255 * Lighting);
        for (int y = 0; y < height; y++)
        {
            Refract(light.Span, width, height, y, lens, dx.Span, dy.Span, glow.Span);
            Bilinear.Row(image, y, dx.Span, dy.Span, Border.Black, levels.Span);
            for (int x = 0, i = 0; x < width; x++, i += 3)
            {
                float shine = lighting * glow.Span[x];
                (levels.Span[i], levels.Span[i + 1], levels.Span[i + 2]) = (levels.Span[i] + shine, levels.Span[i + 1] + shine, levels.Span[i + 2] + shine);
            }
            Levels.ToBytes(levels.Span, result.Pixels.AsSpan(y * width * 3, width * 3), fidelity);
        }
        return result;
    }

    // Snell's law for light that falls straight onto the slopes of the net; beyond the picture there is no light.
    private static void Refract(ReadOnlySpan<float> light, int width, int height, int y, float lens, Span<float> dx, Span<float> dy, Span<float> glow)
    {
        ReadOnlySpan<float> row = light.Slice(y * width, width);
        for (int x = 0; x < width; x++)
        {
            float above = y > 0 ? light[(y - 1) * width + x] : 0, below = y + 1 < height ? light[(y + 1) * width + x] : 0;
            float before = x > 0 ? row[x - 1] : 0, after = x + 1 < width ? row[x + 1] : 0, down = below - above, across = after - before;
            float norm = 1 / MathF.Sqrt(down * down + across * across + 1), flat = (down * down + across * across) * norm * norm;
            // Slopes of less than 2.6 degrees do not bend; the sine of the bent angle is the slope's over eta.
            float bend = norm >= 0.999f ? 0 : norm * (MathF.Sqrt(1 - flat / (Eta * Eta)) - norm / Eta) * lens;
            (dy[x], dx[x]) = (MathF.Round(down * bend * 1000) / 1000, MathF.Round(across * bend * 1000) / 1000); // as published
            glow[x] = down - across;
        }
    }
}
