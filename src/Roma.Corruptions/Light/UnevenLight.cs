using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>Light from one side: the gain changes linearly across the picture, in any direction, from brighter to darker.</summary>
/// <param name="Strength">The gain is 1 - strength at the dark end and 1 + strength/2 at the bright one, 0 to 1.</param>
[Name("uneven_light")]
public sealed record UnevenLight(double Strength) : StochasticCorruption
{
    /// <summary>How far the gain leaves 1.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the light");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("direction", 1));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * fields["direction"][0]);
        float range = Math.Abs(cos) * image.Width + Math.Abs(sin) * image.Height, low = (float)(1 - Strength), span = (float)(1.5 * Strength) / range;
        using var gain = new Scratch<float>(image.Width * image.Height);
        Span<float> to = gain.Span;
        for (int y = 0, i = 0; y < image.Height; y++)
        {
            float start = (range - cos * image.Width - sin * image.Height) / 2 + sin * (y + 0.5f);
            for (int x = 0; x < image.Width; x++, i++)
                to[i] = low + span * (start + cos * (x + 0.5f));
        }
        return Layers.Multiply(image, to);
    }
}
