using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Occluder;

/// <summary>Dust and smears on the lens, far out of focus: round soft spots that take light away and scatter some of it back as gray.</summary>
/// <param name="Count">How many, 1 to 1000.</param>
/// <param name="Size">Mean radius as a share of the shorter side, above 0 to 1.</param>
/// <param name="Strength">Opacity of the densest spot, 0 to 1.</param>
[Name("lens_dirt")]
public sealed record LensDirt(int Count, double Size, double Strength) : StochasticCorruption
{
    private const float Scattered = 90;

    /// <summary>How many spots.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 1, 1000, "spots");

    /// <summary>Mean radius as a share of the shorter side.</summary>
    public double Size { get; init; } = Guard.InRange(Size, 1e-3, 1, "of the shorter side");

    /// <summary>Opacity of the densest spot.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "(opacity)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("spots", 4 * Count)); // x, y, radius, opacity

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using var clear = new Scratch<float>(image.Width * image.Height);
        clear.Span.Fill(1);
        for (ReadOnlySpan<float> draws = fields["spots"]; draws.Length > 0; draws = draws[4..])
        {
            float radius = (float)(Size * (0.4 + 1.2 * draws[2])) * Math.Min(image.Width, image.Height), opacity = (float)Strength * (0.4f + 0.6f * draws[3]);
            Spot(clear.Span, image.Width, image.Height, draws[0] * image.Width, draws[1] * image.Height, radius, opacity);
        }
        Span<float> share = clear.Span;
        for (int i = 0; i < share.Length; i++)
            share[i] = 1 - share[i];
        return Layers.Veil(image, share, Scattered);
    }

    // The opacity is level in the middle and falls smoothly from 60 % of the radius on.
    private static void Spot(Span<float> clear, int width, int height, float cx, float cy, float radius, float opacity)
    {
        for (int y = Math.Max(0, (int)(cy - radius)); y < Math.Min(height, cy + radius); y++)
        {
            for (int x = Math.Max(0, (int)(cx - radius)); x < Math.Min(width, cx + radius); x++)
            {
                float dx = x + 0.5f - cx, dy = y + 0.5f - cy, t = Math.Clamp((1 - MathF.Sqrt(dx * dx + dy * dy) / radius) / 0.4f, 0, 1);
                clear[y * width + x] *= 1 - opacity * t * t * (3 - 2 * t);
            }
        }
    }
}
