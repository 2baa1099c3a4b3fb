using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>Spins about the centre while the shutter is open: the mean of 32 turns, spread evenly; five times a picture is mixed with itself, turned both ways.</summary>
/// <param name="Degrees">The whole turn, 0 to 180.</param>
[Name("radial_blur")]
public sealed record RadialBlur(double Degrees) : ICorruption
{
    private const int Doublings = 5;

    /// <summary>The whole turn in degrees.</summary>
    public double Degrees { get; init; } = Guard.InRange(Degrees, 0, 180, "degrees");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        using Mat left = new(input.Size(), input.Type()), right = new(input.Size(), input.Type());
        double angle = Degrees / 4;
        for (int i = 0; i < Doublings; i++, angle /= 2)
        {
            Mat from = i == 0 ? input : output;
            Warp.Affine(from, left, Warp.Rotation(image.Width, image.Height, angle));
            Warp.Affine(from, right, Warp.Rotation(image.Width, image.Height, -angle));
            Cv2.AddWeighted(left, 0.5, right, 0.5, 0, output);
        }
    });
}
