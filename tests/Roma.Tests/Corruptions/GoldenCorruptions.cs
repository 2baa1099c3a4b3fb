using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Tests.Corruptions;

/// <summary>What the golden tests of corruptions share: which rows concern the catalogue, how pictures are compared.</summary>
internal static class GoldenCorruptions
{
    /// <summary>
    /// Largest difference and share of differing values against the reference in parity mode, as the golden set states them; the default holds for what both
    /// compute in real numbers. Beyond: the share that may differ by more.
    /// </summary>
    public static (int Max, double Share, double Beyond) Tolerance(string type, int severity) => type switch
    {
        "pixelate" or "jpeg_compression" => (0, 0, 0),
        "motion_blur" => (1, 0.05, 0),
        "saturate" when severity == 3 => (1, 0.3, 0),
        "brightness" or "saturate" => (1, 0.02, 0),
        "plasma_noise" or "perlin_noise" or "sparkles" or "inverse_sparkles" => (1, 0.01, 0),
        "caustic_refraction" => (1, 0.01, 0.005),
        _ => (1, 0.001, 0),
    };

    public static bool Has(string type) => Catalogue.Default.Names.Contains(type);

    public static RgbImage Image(string path) => ImageCodec.Load(Golden.PathOf($"corruptions/{path}"));

    /// <summary>The entries of an index file that are chosen, as JSON; one row that skips where the set is absent.</summary>
    public static TheoryData<string> Entries(string index, Func<JsonNode, bool> choose)
    {
        string path = Path.Combine(Golden.Root, "corruptions", index);
        if (!File.Exists(path))
            return Golden.Files("corruptions", index);
        return new(JsonNode.Parse(File.ReadAllText(path))!["entries"]!.AsArray().Where(entry => choose(entry!)).Select(entry => entry!.ToJsonString()));
    }

    /// <summary>Bounds the largest difference, and on pictures without large flat areas, where one ulp decides for all pixels at once, the share of differing values.</summary>
    public static void AssertClose(RgbImage expected, RgbImage actual, (int Max, double Share) tolerance, RgbImage input) => AssertClose(expected, actual, (tolerance.Max, tolerance.Share, 0), input);

    /// <inheritdoc cref="AssertClose(RgbImage, RgbImage, ValueTuple{int, double}, RgbImage)"/>
    public static void AssertClose(RgbImage expected, RgbImage actual, (int Max, double Share, double Beyond) tolerance, RgbImage input)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        int[] differences = [.. expected.Pixels.Zip(actual.Pixels, (a, b) => Math.Abs(a - b))];
        double share = Share(1), beyond = Share(tolerance.Max + 1);
        Assert.True(beyond <= tolerance.Beyond, $"largest difference {differences.Max()}; {beyond:P3} differ by more than {tolerance.Max}, {share:P3} at all");
        int flat = MemoryMarshal.Cast<byte, Rgb>(input.Pixels).ToArray().CountBy(pixel => pixel).Max(group => group.Value);
        if (flat < 0.02 * input.Width * input.Height)
            Assert.True(share <= tolerance.Share, $"{share:P3} of the values differ, {tolerance.Share:P3} may");

        double Share(int least) => differences.Count(difference => difference >= least) / (double)differences.Length;
    }

    private readonly record struct Rgb(byte R, byte G, byte B);
}
