using System.Text.Json.Nodes;
using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Operators;

namespace Roma.Tests.Corruptions;

/// <summary>Single operators against Pillow, scikit-image and OpenCV.</summary>
public class OperatorTests
{
    private static readonly Dictionary<string, Func<RgbImage, JsonNode, RgbImage>> Operators = new()
    {
        ["PIL.resize box"] = (image, p) => PillowResize.Box(image, (int)p["width"]!, (int)p["height"]!),
        ["PIL.resize nearest"] = (image, p) => PillowResize.Nearest(image, (int)p["width"]!, (int)p["height"]!),
        ["cv2.resize area"] = (image, p) => OpenCvFilters.Resize(image, (int)p["width"]!, (int)p["height"]!, InterpolationFlags.Area),
        ["cv2.resize cubic"] = (image, p) => OpenCvFilters.Resize(image, (int)p["width"]!, (int)p["height"]!, InterpolationFlags.Cubic),
        ["skimage.gaussian nearest"] = (image, p) => Blur(image, (double)p["sigma"]!, (double)p["truncate"]!),
    };

    private static readonly Dictionary<string, (int, double)> Tolerances = new()
    {
        ["PIL.resize"] = (0, 0),
        ["cv2.resize"] = (1, 0.005),
        ["skimage.gaussian"] = (1, 0.001),
    };

    public static TheoryData<string> Resized() => GoldenCorruptions.Entries("operators/index.json", entry => Operators.ContainsKey(Key(entry)));

    public static TheoryData<string> Encoded() => GoldenCorruptions.Entries("operators/index.json", entry => entry["encoded"] is not null);

    [SkippableTheory, MemberData(nameof(Resized)), Trait("Category", "Golden")]
    public void AgreesWithItsReference(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        RgbImage input = GoldenCorruptions.Image((string)entry["input"]!), expected = GoldenCorruptions.Image($"operators/{(string)entry["output"]!}");
        GoldenCorruptions.AssertClose(expected, Operators[Key(entry)](input, entry["parameters"]!), Tolerances[(string)entry["operator"]!], input);
    }

    [SkippableTheory, MemberData(nameof(Encoded)), Trait("Category", "Golden")]
    public void DecodesAndEncodesLikePillow(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        byte[] encoded = File.ReadAllBytes(Golden.PathOf($"corruptions/operators/{(string)entry["encoded"]!}"));
        RgbImage input = GoldenCorruptions.Image((string)entry["input"]!), expected = GoldenCorruptions.Image($"operators/{(string)entry["output"]!}");
        Assert.Equal(expected.Pixels, ImageCodec.Decode(encoded, row).Pixels);
        int quality = (int)entry["parameters"]!["quality"]!;
        if ((string)entry["operator"]! == "PIL.jpeg")
            Assert.Equal(encoded, ImageCodec.EncodeJpeg(input, quality));
        else
            Assert.Equal(expected.Pixels, ImageCodec.Decode(ImageCodec.EncodeWebp(input, quality), row).Pixels);
    }

    [Fact]
    public void TapFilterIsADirectSum()
    {
        RgbImage image = TestImages.Textured(19, 11);
        Tap[] taps = [new(-7, 2, 0.25), new(0, 0, 0.5), new(3, -13, 0.125), new(25, 0, 0.0625)];
        RgbImage result = TapFilter.Apply(image, taps, TapFilter.Reflect101, Fidelity.Parity);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            (int x, int y, int c) = (i / 3 % 19, i / 57, i % 3);
            double sum = taps.Sum(tap => tap.Weight * image.Pixels[(Mirror(y + tap.Y, 11) * 19 + Mirror(x + tap.X, 19)) * 3 + c]);
            Assert.Equal((int)sum, result.Pixels[i]);
        }
        static int Mirror(int index, int size)
        {
            while (index < 0 || index >= size)
                index = index < 0 ? -index : 2 * (size - 1) - index;
            return index;
        }
    }

    [Fact]
    public void NormalDrawsAreStandardNormal()
    {
        float[] draws = new float[1 << 18];
        Draws.Normal(CounterRandom.Of("normal"), draws);
        double n = draws.Length, mean = draws.Average(), variance = draws.Sum(x => (x - mean) * (x - mean)) / n, fourth = draws.Sum(x => Math.Pow(x - mean, 4)) / n;
        Assert.InRange(mean, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
        Assert.InRange(variance, 1 - 5 * Math.Sqrt(2 / n), 1 + 5 * Math.Sqrt(2 / n));
        Assert.InRange(fourth, 3 - 5 * Math.Sqrt(96 / n), 3 + 5 * Math.Sqrt(96 / n));
        Assert.InRange(draws.Count(x => Math.Abs(x) > 1.959964) / n, 0.05 - 5 * Math.Sqrt(0.05 * 0.95 / n), 0.05 + 5 * Math.Sqrt(0.05 * 0.95 / n));
        double serial = draws.Zip(draws.Skip(1), (a, b) => a * b).Average() / variance, paired = draws.Zip(draws.Skip(8), (a, b) => a * b).Average() / variance;
        Assert.InRange(serial, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
        Assert.InRange(paired, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(15), InlineData(16), InlineData(17), InlineData(1000)]
    public void FilledDrawsAreTheSingleOnes(int count)
    {
        for (int used = 0; used < 6; used++)
        {
            CounterRandom one = CounterRandom.Of("fill", count), many = CounterRandom.Of("fill", count);
            for (int i = 0; i < used; i++)
                Assert.Equal(one.NextUInt32(), many.NextUInt32());
            uint[] draws = new uint[count];
            many.Fill(draws);
            Assert.All(draws, draw => Assert.Equal(one.NextUInt32(), draw));
            Assert.Equal(one.Position, many.Position);
            Assert.Equal(one.NextUInt32(), many.NextUInt32());
        }
        float[] uniform = new float[count];
        Draws.Uniform(CounterRandom.Of("uniform"), uniform);
        var single = CounterRandom.Of("uniform");
        Assert.All(uniform, draw => Assert.Equal(single.NextSingle(), draw));
    }

    private static string Key(JsonNode entry)
    {
        JsonNode parameters = entry["parameters"]!;
        string mode = (string?)(parameters["resample"] ?? parameters["interpolation"] ?? parameters["mode"]) ?? "";
        return $"{(string)entry["operator"]!} {mode}";
    }

    private static RgbImage Blur(RgbImage image, double sigma, double truncate)
    {
        float[] sharp = new float[image.Pixels.Length], blurred = new float[sharp.Length];
        Levels.FromImage(image, sharp);
        OpenCvFilters.GaussianBlur(sharp, blurred, image.Width, image.Height, 3, sigma, truncate);
        return Levels.ToImage(image.Width, image.Height, blurred, Fidelity.Rounded);
    }
}
