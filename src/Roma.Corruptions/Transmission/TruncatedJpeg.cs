using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Transmission;

/// <summary>A download that broke off: the end of the JPEG file is missing, and the lower part of the picture with it, which stays gray.</summary>
/// <param name="Missing">The share of the file that is missing, 0 to 0.99.</param>
/// <param name="Quality">The file's JPEG quality, 1 to 100.</param>
[Name("truncated_jpeg")]
public sealed record TruncatedJpeg(double Missing, int Quality) : ICorruption
{
    private const int Longest = 65_500, ScanHeader = 14;
    private static readonly byte[] StartOfScan = [0xFF, 0xDA];

    /// <summary>The share of the file that is missing.</summary>
    public double Missing { get; init; } = Guard.InRange(Missing, 0, 0.99, "of the file");

    /// <summary>The file's JPEG quality.</summary>
    public int Quality { get; init; } = Guard.InRange(Quality, 1, 100, "(libjpeg's quality)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Codecs.Chain(image, bgr =>
    {
        if (Math.Max(bgr.Width, bgr.Height) > Longest)
            return bgr.Clone();
        byte[] file = Codecs.Encode(bgr, ".jpg", (int)ImwriteFlags.JpegQuality, Quality);
        int start = file.AsSpan().IndexOf(StartOfScan) + ScanHeader, end = start + (int)Math.Round((file.Length - start) * (1 - Missing)); // the header stays
        return JpegSalvage.Decode(file.AsSpan(0, end));
    });
}
