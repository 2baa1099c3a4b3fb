using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>Something stands in the light: one side of a random, softly curved line is darker.</summary>
/// <param name="Darkness">What the shadow takes away, 0 to 1.</param>
/// <param name="Softness">Width of the shadow's edge as a share of the shorter side, above 0 to 2.</param>
[Name("shadow")]
public sealed record Shadow(double Darkness, double Softness) : StochasticCorruption
{
    /// <summary>What the shadow takes away.</summary>
    public double Darkness { get; init; } = Guard.InRange(Darkness, 0, 1, "of the light");

    /// <summary>Width of the shadow's edge as a share of the shorter side.</summary>
    public double Softness { get; init; } = Guard.InRange(Softness, 1e-3, 2, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("edge", 3));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> edge = fields["edge"];
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * edge[0]);
        float side = Math.Min(image.Width, image.Height), sharpness = (float)(1 / (Softness * side)), dark = (float)Darkness;
        float shift = (edge[1] - 0.5f) * 0.5f * side, bend = (edge[2] - 0.5f) * 2 / side;
        using var gain = new Scratch<float>(image.Width * image.Height);
        Span<float> to = gain.Span;
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            float dy = y + 0.5f - image.Height / 2f;
            for (int x = 0; x < image.Width; x++, i++)
            {
                float dx = x + 0.5f - image.Width / 2f, along = dy * cos - dx * sin;
                float t = Math.Clamp(0.5f + (dx * cos + dy * sin - shift + bend * along * along) * sharpness, 0, 1);
                to[i] = 1 - dark * t * t * (3 - 2 * t);
            }
        }
        return Layers.Multiply(image, to);
    }
}
