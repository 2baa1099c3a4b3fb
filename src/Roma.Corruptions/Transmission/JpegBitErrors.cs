using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Transmission;

/// <summary>
/// Bits of a JPEG file flipped on the way, decoded as far as possible: from an error on, blocks are wrong up to the next restart marker, of which each row of blocks
/// has one. The header and the markers stay whole.
/// </summary>
/// <param name="Rate">Flipped bits per pixel of the picture, 0 to 1; at least one bit.</param>
/// <param name="Quality">The file's JPEG quality, 1 to 100.</param>
[Name("jpeg_bit_errors")]
public sealed record JpegBitErrors(double Rate, int Quality) : StochasticCorruption
{
    private const int Longest = 65_500, BlockRow = 16;
    private const byte Marker = 0xFF, StartOfScan = 0xDA;

    /// <summary>Flipped bits per pixel of the picture.</summary>
    public double Rate { get; init; } = Guard.InRange(Rate, 0, 1, "bits a pixel");

    /// <summary>The file's JPEG quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) =>
        Draws.Uniform(random, fields.Add("places", 2 * Math.Max(1, (int)Math.Round(Rate * width * height))));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] places = fields["places"].ToArray();
        return Codecs.Chain(image, bgr =>
        {
            if (Math.Max(bgr.Width, bgr.Height) > Longest)
                return bgr.Clone(); // no JPEG file holds it
            byte[] file = Codecs.Encode(bgr, ".jpg", (int)ImwriteFlags.JpegQuality, Quality, (int)ImwriteFlags.JpegRstInterval, (bgr.Width + BlockRow - 1) / BlockRow);
            Damage(file, places);
            return JpegSalvage.Decode(file);
        });
    }

    // Two draws each: a place among the bytes, and a bit together with the place's lower digits, since a draw has 24 bits.
    private static void Damage(byte[] file, ReadOnlySpan<float> places)
    {
        int start = file.AsSpan().IndexOf([Marker, StartOfScan]);
        start += 2 + (file[start + 2] << 8 | file[start + 3]);
        int length = file.Length - 2 - start;
        for (; places.Length > 0 && length > 0; places = places[2..])
        {
            double fine = places[1] * 8;
            int at = start + Math.Min(length - 1, (int)((places[0] + (fine - (int)fine) / (1 << 24)) * length)), bit = (int)fine;
            byte flipped = (byte)(file[at] ^ 1 << bit);
            if (file[at] != Marker && file[at - 1] != Marker && flipped != Marker)
                file[at] = flipped;
        }
    }
}
