using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Encodes as baseline JPEG (4:2:0, standard tables) and decodes again; pictures with a side above 65,500 pixels go in pieces.</summary>
/// <param name="Quality">libjpeg's scale, 1 to 100.</param>
[Name("jpeg_compression")]
public sealed record JpegCompression(int Quality) : ICorruption
{
    /// <summary>libjpeg's quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) =>
        Codecs.Chain(image, bgr => Codecs.Jpeg(bgr, Quality));
}
