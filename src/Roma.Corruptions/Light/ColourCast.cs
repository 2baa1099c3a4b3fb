using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>A wrong white balance: each channel has a gain of its own, so that white gets a random hue; the brightest channel keeps its level.</summary>
/// <param name="Strength">What the darkest channel loses, 0 to 1.</param>
[Name("colour_cast")]
public sealed record ColourCast(double Strength) : StochasticCorruption
{
    /// <summary>What the darkest channel loses.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of its level");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("hue", 1));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        Rgb hue = Rgb.OfHue(fields["hue"][0]);
        Span<byte> tables = stackalloc byte[3 * 256];
        for (int i = 0; i < tables.Length; i++)
        {
            double channel = (i / 256) switch { 0 => hue.R, 1 => hue.G, _ => hue.B } / 255.0;
            tables[i] = Levels.ToByte(i % 256 * (1 - Strength * (1 - channel)), Fidelity.Rounded);
        }
        return Levels.Map(image, tables[..256], tables[256..512], tables[512..]);
    }
}
