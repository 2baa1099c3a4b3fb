using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>A part of the picture, at a random place, enlarged to the whole frame.</summary>
/// <param name="Lost">The share of each side that is cut off, 0 to 0.9.</param>
[Name("crop")]
public sealed record Crop(double Lost) : StochasticCorruption
{
    /// <summary>The share of each side that is cut off.</summary>
    public double Lost { get; init; } = Guard.InRange(Lost, 0, 0.9, "of the side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("place", 2));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        double kept = 1 - Lost, half = (kept - 1) / 2; // pixels' centres lie half a pixel inside
        double[] matrix = [kept, 0, half + fields["place"][0] * Lost * image.Width, 0, kept, half + fields["place"][1] * Lost * image.Height];
        return Mats.Filter(image, (input, output) => Warp.Affine(input, output, matrix));
    }
}
