using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Encodes as JPEG 2000 (wavelets) and decodes again: no blocks, but ringing and smears.</summary>
/// <param name="Permille">Bytes left of a thousand, 1 to 1000.</param>
[Name("jpeg2000")]
public sealed record Jpeg2000(int Permille) : ICorruption
{
    private const int Longest = 16_384;

    /// <summary>Bytes left of a thousand.</summary>
    public int Permille { get; init; } = Guard.InRange(Permille, 1, 1000, "of a thousand bytes");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) =>
        Codecs.Chain(image, bgr => Codecs.RoundTrip(bgr, ".jp2", Longest, (int)ImwriteFlags.Jpeg2000CompressionX1000, Permille));
}
