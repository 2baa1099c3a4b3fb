using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>A lamp mirrored in glossy paper or glass: an elliptic patch that runs into white, with a wide faint halo.</summary>
/// <param name="Strength">Opacity at the patch's centre, 0 to 1.</param>
/// <param name="Size">Standard deviation along the patch's shorter axis as a share of the shorter side, above 0 to 2.</param>
[Name("glare")]
public sealed record Glare(double Strength, double Size) : StochasticCorruption
{
    /// <summary>Opacity at the patch's centre.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "(opacity)");

    /// <summary>Standard deviation along the patch's shorter axis as a share of the shorter side.</summary>
    public double Size { get; init; } = Guard.InRange(Size, 1e-3, 2, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("patch", 4));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using var veil = new Scratch<float>(image.Width * image.Height);
        Fill(image.Width, image.Height, fields["patch"], veil.Span);
        return Layers.Veil(image, veil.Span);
    }

    /// <summary>The patch from four draws: centre (x, y), direction, length. Gaussian is replaced by 1 / (1 + d^2)^2, which is faster and has the halo.</summary>
    internal void Fill(int width, int height, ReadOnlySpan<float> patch, Span<float> veil)
    {
        float cx = (0.15f + 0.7f * patch[0]) * width, cy = (0.15f + 0.7f * patch[1]) * height, radius = (float)(1.6 * Size * Math.Min(width, height));
        (float sin, float cos) = MathF.SinCos(MathF.PI * patch[2]);
        float along = 1 / (radius * (1 + 1.5f * patch[3])), across = 1 / radius, strength = (float)Strength;
        for (int y = 0, i = 0; y < height; y++)
        {
            float dy = y + 0.5f - cy;
            for (int x = 0; x < width; x++, i++)
            {
                float dx = x + 0.5f - cx, u = (dx * cos + dy * sin) * along, v = (dy * cos - dx * sin) * across, fall = 1 + u * u + v * v;
                veil[i] = strength / (fall * fall);
            }
        }
    }
}
