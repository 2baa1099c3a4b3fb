using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Adds independent normal noise to every value, as a sensor does in the dark.</summary>
/// <param name="Sigma">Standard deviation as a share of the full range, 0 to 10.</param>
[Name("gaussian_noise")]
public sealed record GaussianNoise(double Sigma) : StochasticCorruption
{
    /// <summary>Standard deviation as a share of the full range.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 10, "of the full range");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Normal(random, fields.Add("normal", width * height * 3));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> normal = fields["normal"];
        byte[] pixels = image.Pixels;
        using var levels = new Scratch<float>(pixels.Length);
        Span<float> noisy = levels.Span;
        float sigma = (float)(255 * Sigma);
        for (int i = 0; i < pixels.Length; i++)
            noisy[i] = pixels[i] + sigma * normal[i];
        return Levels.ToImage(image.Width, image.Height, noisy, fidelity);
    }
}
