using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Tests.Corruptions;

/// <summary>What the golden tests of corruptions share: which rows concern the catalogue, how pictures are compared.</summary>
internal static class GoldenCorruptions
{
    /// <summary>Largest difference and share of differing values against the reference in parity mode; the default holds for what both compute in real numbers.</summary>
    public static (int Max, double Share) Tolerance(string type) => type switch
    {
        "pixelate" or "jpeg_compression" => (0, 0),
        _ => (1, 0.001),
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
    public static void AssertClose(RgbImage expected, RgbImage actual, (int Max, double Share) tolerance, RgbImage input)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        int[] differences = [.. expected.Pixels.Zip(actual.Pixels, (a, b) => Math.Abs(a - b))];
        double share = differences.Count(difference => difference > 0) / (double)differences.Length;
        Assert.True(differences.Max() <= tolerance.Max, $"largest difference {differences.Max()}, on {share:P2} of the values");
        int flat = MemoryMarshal.Cast<byte, Rgb>(input.Pixels).ToArray().CountBy(pixel => pixel).Max(group => group.Value);
        if (flat < 0.02 * input.Width * input.Height)
            Assert.True(share <= tolerance.Share, $"{share:P3} of the values differ, {tolerance.Share:P3} may");
    }

    private readonly record struct Rgb(byte R, byte G, byte B);
}
