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
        ["PIL.resize nearest"] = Pillow(PillowFilter.Nearest),
        ["PIL.resize box"] = Pillow(PillowFilter.Box),
        ["PIL.resize bilinear"] = Pillow(PillowFilter.Bilinear),
        ["PIL.resize bicubic"] = Pillow(PillowFilter.Bicubic),
        ["PIL.resize lanczos"] = Pillow(PillowFilter.Lanczos),
        ["cv2.resize nearest"] = OpenCv(InterpolationFlags.Nearest),
        ["cv2.resize linear"] = OpenCv(InterpolationFlags.Linear),
        ["cv2.resize area"] = OpenCv(InterpolationFlags.Area),
        ["cv2.resize cubic"] = OpenCv(InterpolationFlags.Cubic),
        ["cv2.resize lanczos4"] = OpenCv(InterpolationFlags.Lanczos4),
        ["cv2.GaussianBlur "] = BlurOfBytes,
        ["skimage.gaussian nearest"] = (image, p) => Blur(image, (double)p["sigma"]!, (double)p["truncate"]!, Border.Replicate),
        ["scipy.gaussian_filter reflect"] = (image, p) => Blur(image, (double)p["sigma"]!, (double)p["truncate"]!, Border.Reflect),
        ["scipy.zoom "] = Zoom,
    };

    private static readonly Dictionary<string, (int, double)> Tolerances = new()
    {
        ["PIL.resize nearest"] = (0, 0),
        ["PIL.resize box"] = (0, 0),
        ["PIL.resize"] = (1, 0.005),
        ["cv2.resize"] = (1, 0.005),
        ["cv2.GaussianBlur"] = (1, 0.005),
        ["skimage.gaussian"] = (1, 0.001),
        ["scipy.gaussian_filter"] = (1, 0.001),
        ["scipy.zoom"] = (1, 0.001),
    };

    public static TheoryData<string> Resized() => GoldenCorruptions.Entries("operators/index.json", entry => entry["encoded"] is null);

    public static TheoryData<string> Encoded() => GoldenCorruptions.Entries("operators/index.json", entry => entry["encoded"] is not null);

    [SkippableTheory, MemberData(nameof(Resized)), Trait("Category", "Golden")]
    public void AgreesWithItsReference(string row)
    {
        Skip.IfNot(row.StartsWith('{'), "No golden set.");
        JsonNode entry = JsonNode.Parse(row)!;
        RgbImage input = GoldenCorruptions.Image((string)entry["input"]!), expected = GoldenCorruptions.Image($"operators/{(string)entry["output"]!}");
        (int, double) tolerance = Tolerances.TryGetValue(Key(entry), out (int, double) own) ? own : Tolerances[(string)entry["operator"]!];
        GoldenCorruptions.AssertClose(expected, Operators[Key(entry)](input, entry["parameters"]!), tolerance, input);
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
        RgbImage result = TapFilter.Apply(image, taps, Border.Reflect101, Fidelity.Parity);
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

    private static Func<RgbImage, JsonNode, RgbImage> Pillow(PillowFilter filter) => (image, p) => PillowResize.Apply(image, (int)p["width"]!, (int)p["height"]!, filter);

    private static Func<RgbImage, JsonNode, RgbImage> OpenCv(InterpolationFlags interpolation) => (image, p) => OpenCvFilters.Resize(image, (int)p["width"]!, (int)p["height"]!, interpolation);

    private static RgbImage Blur(RgbImage image, double sigma, double truncate, Border border)
    {
        double[] values = [.. image.Pixels.Select(level => (double)level)];
        ScipyGaussian.Blur(values, image.Width, image.Height, 3, (sigma, sigma), truncate, border);
        return new(image.Width, image.Height, [.. values.Select(level => Levels.ToByte(level, Fidelity.Rounded))]);
    }

    private static RgbImage BlurOfBytes(RgbImage image, JsonNode p)
    {
        Assert.Equal("reflect_101", (string)p["border"]!);
        var result = new RgbImage(image.Width, image.Height);
        using Mat from = Mats.Of(image), to = Mats.Of(result);
        Cv2.GaussianBlur(from, to, new Size((int)p["ksize"]!, (int)p["ksize"]!), (double)p["sigma"]!);
        return result;
    }

    private static RgbImage Zoom(RgbImage image, JsonNode p)
    {
        Assert.Equal(1, (int)p["order"]!);
        ScipyZoom columns = ScipyZoom.Of(image.Width, (double)p["factor"]!), rows = ScipyZoom.Of(image.Height, (double)p["factor"]!);
        var result = new RgbImage(columns.Enlarged, rows.Enlarged);
        float[] plane = new float[columns.Enlarged * rows.Enlarged];
        for (int c = 0; c < 3; c++)
        {
            ScipyZoom.Plane(y => Enumerable.Range(0, image.Width).Select(x => (float)image.Pixels[(y * image.Width + x) * 3 + c]).ToArray(), columns, rows, plane);
            for (int i = 0; i < plane.Length; i++)
                result.Pixels[3 * i + c] = Levels.ToByte(plane[i], Fidelity.Rounded);
        }
        return result;
    }
}
