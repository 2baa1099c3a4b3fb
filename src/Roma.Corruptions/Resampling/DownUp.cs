using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Resampling;

/// <summary>Resizes to a share of the size and back, with one filter both ways and without averaging first.</summary>
/// <param name="Share">The side between the two steps as a share of the picture's, above 0 to 1.</param>
/// <param name="Filter">How pixels are interpolated.</param>
/// <param name="Rounds">How often this is done, 1 to 20.</param>
[Name("down_up")]
public sealed record DownUp(double Share, ResamplingFilter Filter, int Rounds = 1) : ICorruption
{
    private const InterpolationFlags NearestCentre = (InterpolationFlags)6; // INTER_NEAREST_EXACT, which the enumeration lacks; the plain one moves the picture

    /// <summary>The side between the two steps as a share of the picture's.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 1e-3, 1, "of the side");

    /// <summary>How often this is done.</summary>
    public int Rounds { get; init; } = Guard.InRange(Rounds, 1, 20, "rounds");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        InterpolationFlags filter = Filter switch
        {
            ResamplingFilter.Nearest => NearestCentre,
            ResamplingFilter.Bilinear => InterpolationFlags.Linear,
            ResamplingFilter.Bicubic => InterpolationFlags.Cubic,
            _ => InterpolationFlags.Lanczos4,
        };
        var size = new Size(Shrink(image.Width), Shrink(image.Height));
        using var small = new Mat();
        for (int round = 0; round < Rounds; round++)
        {
            Cv2.Resize(round == 0 ? input : output, small, size, 0, 0, filter);
            Cv2.Resize(small, output, output.Size(), 0, 0, filter);
        }
    });

    private int Shrink(int side) => Math.Max(1, (int)Math.Round(side * Share));
}
