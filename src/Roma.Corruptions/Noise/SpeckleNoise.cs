using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Adds normal noise in proportion to each value: black stays black.</summary>
/// <param name="Sigma">Standard deviation as a share of the value, 0 to 10.</param>
[Name("speckle_noise")]
public sealed record SpeckleNoise(double Sigma) : StochasticCorruption
{
    /// <summary>Standard deviation as a share of the value.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 10, "of the value");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float sigma = (float)Sigma;
        return Elementwise.Apply(image, fields, "normal", (pixels, normal, levels) =>
        {
            Levels.FromBytes(pixels, levels);
            int i = 0;
            for (; i + Vector256<float>.Count <= levels.Length; i += Vector256<float>.Count)
            {
                var level = Vector256.Create<float>(levels[i..]);
                (level + level * (Vector256.Create<float>(normal[i..]) * sigma)).CopyTo(levels[i..]);
            }
            for (; i < levels.Length; i++)
                levels[i] += levels[i] * (sigma * normal[i]);
        }, fidelity);
    }
}
