using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Moved in a random direction; what leaves the frame is lost, and the edge is replicated.</summary>
/// <param name="Share">How far, as a share of the shorter side, 0 to 1.</param>
[Name("shift")]
public sealed record Shift(double Share) : StochasticCorruption
{
    /// <summary>How far, as a share of the shorter side.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the shorter side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("direction", 1));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (double sin, double cos) = Math.SinCos(2 * Math.PI * fields["direction"][0]);
        double way = Share * Math.Min(image.Width, image.Height);
        return Mats.Filter(image, (input, output) => Warp.Affine(input, output, [1, 0, way * cos, 0, 1, way * sin]));
    }
}
