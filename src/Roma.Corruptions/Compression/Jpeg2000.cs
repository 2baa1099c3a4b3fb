using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Encodes as JPEG 2000 (wavelets) and decodes again: no blocks, but ringing and smears.</summary>
/// <param name="Permille">Bytes left of a thousand, 1 to 1000, besides the file's header.</param>
[Name("jpeg2000")]
public sealed record Jpeg2000(int Permille) : ICorruption
{
    private const int Longest = 16_384, Header = 200;
    private const int Smallest = 32; // the encoder's: it halves both sides five times

    /// <summary>Bytes left of a thousand.</summary>
    public int Permille { get; init; } = Guard.InRange(Permille, 1, 1000, "of a thousand bytes");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Codecs.Chain(image, bgr =>
    {
        using var padded = new Mat();
        Cv2.CopyMakeBorder(bgr, padded, 0, Math.Max(0, Smallest - bgr.Height), 0, Math.Max(0, Smallest - bgr.Width), BorderTypes.Replicate);
        int permille = (int)Math.Min(1000, Permille + Math.Round(1000 * Header / (3.0 * padded.Width * padded.Height)));
        using Mat coded = Codecs.RoundTrip(padded, ".jp2", Longest, (int)ImwriteFlags.Jpeg2000CompressionX1000, permille);
        return coded[new Rect(0, 0, bgr.Width, bgr.Height)].Clone();
    });
}
