using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Encodes as lossy WebP and decodes again; pictures with a side above 16,383 pixels go in pieces.</summary>
/// <param name="Quality">libwebp's scale, 1 to 100.</param>
[Name("webp_compression")]
public sealed record WebpCompression(int Quality) : ICorruption
{
    private const int Longest = 16_383;

    /// <summary>libwebp's quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libwebp's quality)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) =>
        Codecs.Chain(image, bgr => Codecs.RoundTrip(bgr, ".webp", Longest, (int)ImwriteFlags.WebPQuality, Quality));
}
