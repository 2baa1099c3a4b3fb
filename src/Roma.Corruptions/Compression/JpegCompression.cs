using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Encodes as baseline JPEG (4:2:0, standard tables) and decodes again.</summary>
/// <param name="Quality">libjpeg's scale, 1 to 100.</param>
[Name("jpeg_compression")]
public sealed record JpegCompression(int Quality) : ICorruption
{
    /// <summary>libjpeg's quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => ImageCodec.Decode(ImageCodec.EncodeJpeg(image, Quality), "in memory");
}
