using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Geometry;

/// <summary>Seen from aside: each corner moves inwards or outwards; the edge is replicated.</summary>
/// <param name="Shift">How far at most, as a share of the side, 0 to 0.4.</param>
[Name("perspective")]
public sealed record Perspective(double Shift) : StochasticCorruption
{
    /// <summary>How far corners move at most, as a share of the side.</summary>
    public double Shift { get; init; } = Guard.InRange(Shift, 0, 0.4, "of the side");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("corners", 8));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] corners = fields["corners"].ToArray();
        for (int i = 0; i < corners.Length; i++)
            corners[i] = (float)(Shift * (2 * corners[i] - 1));
        return Mats.Filter(image, (input, output) => Warp.Perspective(input, output, corners, BorderTypes.Replicate));
    }
}
