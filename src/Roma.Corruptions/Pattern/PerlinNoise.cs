using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Blends in turbulence: absolute values of gradient noise over five octaves.</summary>
/// <param name="Alpha">The turbulence's share, 0 to 1.</param>
[Name("perlin_noise")]
public sealed record PerlinNoise(double Alpha) : StochasticCorruption
{
    /// <summary>The turbulence's share.</summary>
    public double Alpha { get; init; } = Guard.InRange(Alpha, 0, 1, "of the result");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => GradientNoise.Draw(random, fields);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var noise = new GradientNoise(fields, image.Width, 7.0 / PatternRows.Side(image.Width, image.Height)); // a cell is a seventh of the side
        (float keep, float weight) = ((float)(1 - Alpha), (float)(255 * Alpha));
        return PatternRows.Apply(image, fidelity, (y, levels, turbulence) =>
        {
            noise.Turbulence(y, turbulence);
            for (int i = 0, x = 0; i + 2 < levels.Length; i += 3, x++)
            {
                float value = weight * Math.Min(0.5f + 0.5f * turbulence[x], 1);
                (levels[i], levels[i + 1], levels[i + 2]) = (keep * levels[i] + value, keep * levels[i + 1] + value, keep * levels[i + 2] + value);
            }
        });
    }
}
