using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>As through frosted glass: blurs, displaces every pixel by a little at random, blurs again.</summary>
/// <param name="Sigma">Standard deviation of both blurs in pixels, 0 to 100.</param>
/// <param name="Delta">Largest displacement in pixels, 1 to 100; displacements are drawn from -delta to delta - 1, so they drift.</param>
/// <param name="Rounds">How often all pixels are displaced, 1 to 20.</param>
/// <param name="Mode">Copy or swap.</param>
[Name("glass_blur")]
public sealed record GlassBlur(double Sigma, int Delta, int Rounds, GlassMode Mode) : StochasticCorruption
{
    /// <summary>Standard deviation of both blurs in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 100, "pixels");

    /// <summary>Largest displacement in pixels.</summary>
    public int Delta { get; init; } = Guard.InRange(Delta, 1, 100, "pixels");

    /// <summary>How often all pixels are displaced.</summary>
    public int Rounds { get; init; } = Guard.InRange(Rounds, 1, 20, "times");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) =>
        fields.AddIntegers("displacement", checked(Rounds * Inner(width) * Inner(height) * 2), -Delta, Delta, random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using RgbImage blurred = new GaussianBlur(Sigma).Apply(image, precise: fidelity == Fidelity.Parity, fidelity);
        Displace(blurred, fields);
        return new GaussianBlur(Sigma).Apply(blurred, precise: fidelity == Fidelity.Parity, fidelity);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor, Delta = Math.Clamp((int)Math.Round(Delta * factor), 1, 100) };

    // From the last pixel to the first; later ones read what earlier ones wrote, as in the reference.
    private void Displace(RgbImage image, Fields fields)
    {
        int width = image.Width, inner = Inner(width), at = 0;
        using var row = new Scratch<float>(2 * inner);
        Span<byte> pixels = image.Pixels;
        for (int round = 0; round < Rounds; round++)
        {
            for (int y = image.Height - Delta; y > Delta && inner > 0; y--, at += 2 * inner)
            {
                ReadOnlySpan<float> moves = fields.Read("displacement", at, row.Span);
                int target = (y * width + width - Delta) * 3;
                for (int i = 0; i + 1 < moves.Length; i += 2, target -= 3)
                {
                    int source = target + ((int)moves[i + 1] * width + (int)moves[i]) * 3;
                    byte r = pixels[target], g = pixels[target + 1], b = pixels[target + 2];
                    (pixels[target], pixels[target + 1], pixels[target + 2]) = (pixels[source], pixels[source + 1], pixels[source + 2]);
                    if (Mode == GlassMode.Swap)
                        (pixels[source], pixels[source + 1], pixels[source + 2]) = (r, g, b);
                }
            }
        }
    }

    private int Inner(int side) => Math.Max(0, side - 2 * Delta);
}
