using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>A lens that enlarges red more and blue less than green: coloured fringes that grow towards the corners.</summary>
/// <param name="Spread">By how much red is enlarged and blue shrunk, 0 to 0.5.</param>
[Name("chromatic_aberration")]
public sealed record ChromaticAberration(double Spread) : ICorruption
{
    /// <summary>By how much red is enlarged and blue shrunk.</summary>
    public double Spread { get; init; } = Guard.InRange(Spread, 0, 0.5, "of the size");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        input.CopyTo(output);
        using Mat channel = new(), moved = new(input.Size(), MatType.CV_8UC1);
        foreach ((int index, double zoom) in new[] { (0, 1 + Spread), (2, 1 - Spread) })
        {
            Cv2.ExtractChannel(input, channel, index);
            Warp.Affine(channel, moved, Warp.Rotation(image.Width, image.Height, 0, zoom));
            Cv2.InsertChannel(moved, output, index);
        }
    });
}
