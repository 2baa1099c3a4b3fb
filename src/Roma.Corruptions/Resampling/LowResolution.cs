using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Resampling;

/// <summary>A thumbnail blown up: shrinks by averaging areas, then enlarges with bicubic interpolation.</summary>
/// <param name="Share">The thumbnail's side as a share of the picture's, above 0 to 1.</param>
[Name("low_resolution")]
public sealed record LowResolution(double Share) : ICorruption
{
    /// <summary>The thumbnail's side as a share of the picture's.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 1e-3, 1, "of the side");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (Shrink(image.Width), Shrink(image.Height));
        using RgbImage small = OpenCvFilters.Resize(image, width, height, InterpolationFlags.Area);
        return OpenCvFilters.Resize(small, image.Width, image.Height, InterpolationFlags.Cubic);
    }

    private int Shrink(int side) => Math.Max(1, (int)Math.Round(side * Share));
}
