using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Turned a little, to either side; the edge is replicated.</summary>
/// <param name="Degrees">By how much, 0 to 180.</param>
[Name("rotation")]
public sealed record Rotation(double Degrees) : StochasticCorruption
{
    /// <summary>By how much, in degrees.</summary>
    public double Degrees { get; init; } = Guard.InRange(Degrees, 0, 180, "degrees");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("side", 2)); // side, and a tenth of variation

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> draws = fields["side"];
        double[] matrix = Warp.Rotation(image.Width, image.Height, (draws[0] < 0.5 ? -Degrees : Degrees) * (0.95 + 0.1 * draws[1]));
        return Mats.Filter(image, (input, output) => Warp.Affine(input, output, matrix));
    }
}
