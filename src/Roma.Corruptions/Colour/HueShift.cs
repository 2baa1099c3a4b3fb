using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>All hues turned about the axis of grays, as on a display whose colour phase is off; gray stays gray.</summary>
/// <param name="Degrees">By how much, 0 to 180.</param>
[Name("hue_shift")]
public sealed record HueShift(double Degrees) : ICorruption
{
    /// <summary>By how much, in degrees.</summary>
    public double Degrees { get; init; } = Guard.InRange(Degrees, 0, 180, "degrees");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        (double sin, double cos) = Math.SinCos(Degrees * Math.PI / 180);
        double mean = (1 - cos) / 3, side = sin / Math.Sqrt(3); // Rodrigues' formula about (1, 1, 1)
        return ColourMatrix.Apply(image, [cos + mean, mean - side, mean + side, mean + side, cos + mean, mean - side, mean - side, mean + side, cos + mean]);
    }
}
