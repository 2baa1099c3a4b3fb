using System.Runtime.Intrinsics;
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
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float sigma = (float)(255 * Sigma);
        return Elementwise.Apply(image, fields, "normal", (pixels, normal, levels) =>
        {
            Levels.FromBytes(pixels, levels);
            int i = 0;
            for (; i + Vector256<float>.Count <= levels.Length; i += Vector256<float>.Count)
                (Vector256.Create<float>(levels[i..]) + Vector256.Create<float>(normal[i..]) * sigma).CopyTo(levels[i..]);
            for (; i < levels.Length; i++)
                levels[i] += sigma * normal[i];
        }, fidelity);
    }
}
