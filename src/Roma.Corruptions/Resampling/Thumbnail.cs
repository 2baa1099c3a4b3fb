using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Resampling;

/// <summary>A preview image blown up: shrinks to a largest side by averaging, stores that as JPEG and enlarges it with bilinear interpolation.</summary>
/// <param name="Side">The preview's longer side in pixels, 1 to 10000; smaller pictures are not enlarged.</param>
/// <param name="Quality">The preview's JPEG quality, 1 to 100.</param>
[Name("thumbnail")]
public sealed record Thumbnail(double Side, int Quality) : ICorruption
{
    /// <summary>The preview's longer side in pixels.</summary>
    public double Side { get; init; } = Guard.InRange(Side, 1, 10_000, "pixels");

    /// <summary>The preview's JPEG quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        double share = Math.Min(1, Side / Math.Max(image.Width, image.Height));
        var size = new Size(Math.Max(1, (int)Math.Round(image.Width * share)), Math.Max(1, (int)Math.Round(image.Height * share)));
        return Codecs.Chain(image,
            full => Resize(full, size, InterpolationFlags.Area),
            small => Codecs.Jpeg(small, Quality),
            small => Resize(small, new Size(image.Width, image.Height), InterpolationFlags.Linear));
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Side = Math.Max(1, Side * factor) };

    private static Mat Resize(Mat from, Size size, InterpolationFlags interpolation)
    {
        var to = new Mat();
        Cv2.Resize(from, to, size, 0, 0, interpolation);
        return to;
    }
}
