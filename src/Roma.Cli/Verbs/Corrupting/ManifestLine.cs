using System.Security.Cryptography;
using System.Text.Json;
using Roma.Core;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>One picture that was written: all that is needed to make it again, and how far it is from the clean one.</summary>
/// <param name="Source">The clean picture, as it was found.</param>
/// <param name="SourceSha256">Of its bytes.</param>
/// <param name="Output">The file that was written, relative to the manifest; a picture in a table is <c>table#row/index</c>, from 0.</param>
/// <param name="OutputSha256">Of its bytes.</param>
/// <param name="Corruption">A name of the catalogue.</param>
/// <param name="Severity">1 to 5.</param>
/// <param name="Seed">Seeds the draws, together with <paramref name="SourceSha256"/> (of the picture itself), corruption and severity.</param>
/// <param name="Scale">What lengths in pixels mean: absolute or reference.</param>
/// <param name="Fidelity">rounded or parity.</param>
/// <param name="Parameters">The operator and its parameters at this severity.</param>
/// <param name="Width">In pixels; null for a whole table.</param>
/// <param name="Height">In pixels; null for a whole table, whose measures are the means over its pictures.</param>
/// <param name="Psnr">In dB; null for a picture that did not change.</param>
/// <param name="Ssim">At most 1.</param>
/// <param name="ChangedShare">The share of pixels that changed; 0 where the cell did nothing.</param>
internal sealed record ManifestLine(
    string Source, string SourceSha256, string Output, string OutputSha256, string Corruption, int Severity, ulong Seed, string Scale, string Fidelity, JsonElement Parameters,
    int? Width, int? Height, double? Psnr, double Ssim, double ChangedShare)
{
    /// <summary>Whether another line is about the same picture under the same cell with the same settings.</summary>
    public bool IsSameWork(ManifestLine other) =>
        (SourceSha256, Output, Corruption, Severity, Seed, Scale, Fidelity) == (other.SourceSha256, other.Output, other.Corruption, other.Severity, other.Seed, other.Scale, other.Fidelity)
        && JsonElement.DeepEquals(Parameters, other.Parameters);

    /// <summary>The line of a picture that was made.</summary>
    public ManifestLine Made(RgbImage clean, RgbImage corrupted, byte[] encoded)
    {
        var difference = ImageDifference.Between(clean, corrupted);
        return this with
        {
            OutputSha256 = Hash(encoded),
            Width = clean.Width,
            Height = clean.Height,
            Psnr = double.IsFinite(difference.Psnr) ? difference.Psnr : null,
            Ssim = difference.Ssim,
            ChangedShare = difference.ChangedShare,
        };
    }

    /// <summary>SHA-256 in small hexadecimal digits.</summary>
    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
