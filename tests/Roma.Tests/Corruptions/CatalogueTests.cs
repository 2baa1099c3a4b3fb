using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Sequences;

namespace Roma.Tests.Corruptions;

/// <summary>What holds for every corruption of the catalogue, and how a wrong catalogue is refused.</summary>
public class CatalogueTests
{
    private static readonly Catalogue Catalogue = Catalogue.Default;

    /// <summary>Types whose mean squared error does not grow from each severity to the next, and why that is right.</summary>
    private static readonly Dictionary<string, string> NotOrdered = new()
    {
        ["fog"] = "severities 3 and 4 have one density and differ in roughness alone",
        ["glass_blur"] = "the published numbers of rounds go 2, 1, 3, 2, 2",
        ["glass_blur_swap"] = "the published numbers of rounds go 2, 1, 3, 2, 2",
        ["snow"] = "the published zoom and threshold part severities 1 and 2 from the others",
        ["frost"] = "the published shares of picture and frost change in turn, and textures differ in brightness",
        ["spatter"] = "water up to severity 3, whose drops get smaller, then mud",
        ["saturate"] = "severities 1 and 2 take colour away, 3 to 5 add some",
        ["elastic_imagenetc"] = "severities 1 and 2 move coarsely, 3 to 5 finely and less far",
        ["shift"] = "once a picture has moved by more than the size of its details, the error grows no more",
    };

    /// <summary>Types that parity changes by more than rounding, and why.</summary>
    private static readonly Dictionary<string, string> NotCloseToParity = new()
    {
        ["defocus_blur"] = "the published kernel sums to 1.013 at severity 4 and 1.011 at 5",
        ["glass_blur"] = "the published steps truncate three times",
        ["glass_blur_swap"] = "the published steps truncate three times",
        ["elastic_imagenetc"] = "parity repeats OpenCV's warp with places rounded to 1/32 pixel",
    };

    public static TheoryData<string> Names => new(Catalogue.Names);

    public static TheoryData<string> CloseToParity => new(Catalogue.Names.Except(NotCloseToParity.Keys));

    public static TheoryData<string, int, int> Sizes()
    {
        var rows = new TheoryData<string, int, int>();
        foreach (string name in Catalogue.Names)
            foreach ((int width, int height) in new[] { (1, 1), (1, 9), (9, 1), (2, 2), (17, 31), (131, 40) })
                rows.Add(name, width, height);
        return rows;
    }

    [Theory, MemberData(nameof(Sizes))]
    public void KeepsSizeAndInputAndRepeats(string name, int width, int height)
    {
        RgbImage image = TestImages.Textured(width, height);
        byte[] before = [.. image.Pixels];
        for (int severity = 1; severity <= 5; severity++)
        {
            foreach (PixelScale scale in Enum.GetValues<PixelScale>())
            {
                RgbImage first = Catalogue.Apply(image, new View(name, severity, 7), "sample", 0, scale), again = Catalogue.Apply(image, new View(name, severity, 7), "sample", 0, scale);
                Assert.Equal((width, height), (first.Width, first.Height));
                Assert.Equal(first.Pixels, again.Pixels);
                Assert.NotSame(image.Pixels, first.Pixels);
            }
        }
        Assert.Equal(before, image.Pixels);
    }

    [Theory, MemberData(nameof(Names))]
    public void TakesPicturesOfAnyLength(string name)
    {
        RgbImage image = TestImages.Constant(33_000, 2, 200); // codecs and OpenCV's warps have limits of 16,383 and 32,766
        using RgbImage result = Catalogue.Apply(image, new View(name, 3, 7), "sample");
        Assert.Equal((33_000, 2), (result.Width, result.Height));
    }

    [Theory, MemberData(nameof(Names))]
    public void GivesTheSameOnManyThreads(string name)
    {
        RgbImage[] images = [.. Enumerable.Range(0, 5).Select(i => TestImages.Textured(40 + 3 * i, 33 + i))];
        View View(int i) => new(name, 1 + i / 5 % 5, (ulong)i);
        byte[][] serial = [.. Enumerable.Range(0, 50).Select(i => Catalogue.Apply(images[i % 5], View(i), "sample", i % 5).Pixels)];
        byte[][] parallel = new byte[serial.Length][];
        Parallel.For(0, serial.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => parallel[i] = Catalogue.Apply(images[i % 5], View(i), "sample", i % 5).Pixels);
        Assert.Equal(serial, parallel);
    }

    [Theory, MemberData(nameof(Names))]
    public void SeveritiesDifferAtEveryScale(string name)
    {
        RgbImage image = TestImages.Textured(64, 64);
        foreach (PixelScale scale in Enum.GetValues<PixelScale>())
        {
            var results = Enumerable.Range(1, 5).Select(severity => Catalogue.Apply(image, new View(name, severity, 7), "sample", 0, scale).Pixels).Prepend(image.Pixels).ToList();
            for (int i = 0; i < results.Count; i++)
                for (int j = 0; j < i; j++)
                    Assert.False(results[i].AsSpan().SequenceEqual(results[j]), $"{scale}: severities {j} and {i} agree");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void SeedSampleAndPictureDecideTheDraws(string name)
    {
        RgbImage image = TestImages.Textured(64, 64);
        byte[] one = Catalogue.Apply(image, new View(name, 3, 7), "sample").Pixels;
        bool stochastic = IsStochastic(Catalogue[name].Severities[2]);
        Assert.Equal(!stochastic, one.AsSpan().SequenceEqual(Catalogue.Apply(image, new View(name, 3, 8), "sample").Pixels));
        Assert.Equal(!stochastic, one.AsSpan().SequenceEqual(Catalogue.Apply(image, new View(name, 3, 7), "other").Pixels));
        Assert.Equal(!stochastic, one.AsSpan().SequenceEqual(Catalogue.Apply(image, new View(name, 3, 7), "sample", 1).Pixels));
    }

    [Theory, MemberData(nameof(Names))]
    public void ReferenceScaleIsAbsoluteAt224(string name)
    {
        RgbImage image = TestImages.Textured(230, 224);
        var view = new View(name, 4, 3);
        Assert.Equal(Catalogue.Apply(image, view, "sample").Pixels, Catalogue.Apply(image, view, "sample", 0, PixelScale.Reference).Pixels);
    }

    [Theory, MemberData(nameof(CloseToParity))]
    public void RoundingKeepsTheMeanThatTruncationLowers(string name)
    {
        RgbImage image = TestImages.Textured(96, 96);
        for (int severity = 1; severity <= 5; severity++)
        {
            var view = new View(name, severity, 3);
            byte[] rounded = Catalogue.Apply(image, view, "sample").Pixels, truncated = Catalogue.Apply(image, view, "sample", fidelity: Fidelity.Parity).Pixels;
            Assert.InRange(rounded.Average(level => level) - truncated.Average(level => level), -0.05, 1);
            for (int i = 0; i < rounded.Length; i++)
            {
                if (rounded[i] - truncated[i] is < -1 or > 2)
                    Assert.Fail($"severity {severity}, value {i}: {rounded[i]} rounded, {truncated[i]} truncated");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void GrowsWithSeverity(string name)
    {
        RgbImage[] images = [TestImages.Textured(128, 96), TestImages.Page(96, 128)];
        int seeds = IsStochastic(Catalogue[name].Severities[0]) ? 6 : 1;
        double[] errors = [.. Enumerable.Range(1, 5).Select(severity => images.Average(image => Enumerable.Range(0, seeds).Average(seed =>
            MeanSquare(image, Catalogue.Apply(image, new View(name, severity, (ulong)seed), "sample", 0, PixelScale.Reference)))))];
        string measured = string.Join(", ", errors.Select(error => $"{error:F1}"));
        if (NotOrdered.TryGetValue(name, out string? reason))
            Assert.True(errors.Zip(errors.Skip(1)).Any(pair => pair.First >= pair.Second), $"{name} is ordered ({measured}): it needs no excuse ({reason})");
        else
            Assert.True(errors.Zip(errors.Skip(1)).All(pair => pair.First < pair.Second), measured);
    }

    [Theory, MemberData(nameof(Names))]
    public void TakesConstantPictures(string name)
    {
        foreach ((int width, int height) in new[] { (1, 1), (37, 22) })
        {
            foreach (byte level in new byte[] { 0, 128, 255 })
            {
                RgbImage image = TestImages.Constant(width, height, level);
                for (int severity = 1; severity <= 5; severity++)
                    Assert.Equal(image.Pixels.Length, Catalogue.Apply(image, new View(name, severity, 5), "sample").Pixels.Length);
                Assert.All(image.Pixels, pixel => Assert.Equal(level, pixel));
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void IsDescribed(string name)
    {
        CorruptionType type = Catalogue[name];
        Assert.Matches("^[a-z][a-z0-9_]*$", name);
        Assert.Matches("^[a-z_]+$", type.Kin);
        Assert.NotEmpty(type.Source);
        Assert.Equal(type.Changes.Distinct(), type.Changes);
        Assert.Equal(5, type.Severities.Select(severity => StrictYaml.ToJson(severity)).Distinct().Count());
    }

    [Fact]
    public void HoldsEightyTypesInFourteenFamilies()
    {
        Assert.True(Catalogue.Names.Count >= 80, $"{Catalogue.Names.Count} types");
        Assert.True(Catalogue.Names.Select(name => Catalogue[name].Family).Distinct().Count() >= 14);
    }

    [Theory]
    [InlineData("gaussian_blur"), InlineData("motion_blur"), InlineData("jpeg_compression"), InlineData("low_resolution"), InlineData("pixelate"), InlineData("contrast")]
    [InlineData("box_blur"), InlineData("median_blur"), InlineData("lens_blur"), InlineData("radial_blur"), InlineData("directional_blur"), InlineData("camera_shake")]
    [InlineData("down_up_nearest"), InlineData("down_up_lanczos"), InlineData("non_integer_rescale"), InlineData("chroma_subsampling"), InlineData("chromatic_aberration")]
    [InlineData("over_sharpening"), InlineData("ringing"), InlineData("rolling_shutter"), InlineData("desaturate"), InlineData("hue_shift"), InlineData("colour_blind_deutan")]
    [InlineData("rotation"), InlineData("perspective"), InlineData("shift"), InlineData("crop"), InlineData("barrel_distortion"), InlineData("wave")]
    public void LeavesConstantPicturesAlone(string name)
    {
        foreach ((int width, int height) in new[] { (1, 1), (32, 32), (65, 70) })
            foreach (byte level in new byte[] { 0, 200, 255 })
                for (int severity = 1; severity <= 5; severity++)
                    Assert.All(Catalogue.Apply(TestImages.Constant(width, height, level), new View(name, severity, 1), "sample").Pixels, pixel => Assert.InRange(pixel, level - (name == "jpeg_compression" ? 8 : 0), level + (name == "jpeg_compression" ? 8 : 0)));
    }

    [Fact]
    public void TheCleanViewIsThePictureItself()
    {
        RgbImage image = TestImages.Textured(5, 4);
        Assert.Same(image, Catalogue.Apply(image, View.Clean, "sample"));
    }

    [Fact]
    public void UnknownNamesAndSeveritiesAreRefusedWithWhatIsAllowed()
    {
        RgbImage image = TestImages.Textured(5, 4);
        Assert.Contains("did you mean 'gaussian_blur'", Assert.Throws<RomaException>(() => Catalogue.Apply(image, new View("gausian_blur", 1, 0), "")).Message);
        Assert.Contains("did you mean 'unseen'", Assert.Throws<RomaException>(() => Catalogue.Suite("unsen")).Message);
        foreach (int severity in new[] { -1, 0, 6 })
            Assert.Contains("1 to 5", Assert.Throws<RomaException>(() => Catalogue.Apply(image, new View("fog", severity, 0), "")).Message);
    }

    [Fact]
    public void AWrongCatalogueIsReportedWithEveryFault()
    {
        string folder = Directory.CreateTempSubdirectory("roma-catalogue").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "suites"));
            File.WriteAllText(Path.Combine(folder, "a.yaml"), """
                short: { operator: gaussian_blur, severities: { sigma: [1, 2] }, kin: k, changes: [], source: s }
                negative: { operator: gaussian_blur, severities: { sigma: [1, 2, -3, 4, 5] }, kin: k, changes: [], source: s }
                misspelt: { operator: gaussian_blurr, severities: { sigma: 1 }, kin: k, changes: [], source: s }
                fine: { operator: gaussian_blur, severities: { sigma: [1, 2, 3, 4, 5] }, kin: k, changes: [], source: s }
                """);
            File.WriteAllText(Path.Combine(folder, "b.yaml"), "fine: { operator: contrast, severities: { share: 0.5 }, kin: k, changes: [], source: s }\n");
            File.WriteAllText(Path.Combine(folder, "suites", "s.yaml"), "about: x\ncorruptions: [fin]\nfamilies: [c]\n");
            string message = Assert.Throws<RomaException>(() => Catalogue.Load(folder)).Message;
            Assert.Contains("expected one value or 5, not 2", message);
            Assert.Contains("expected 0 to 100 pixels, not -3", message);
            Assert.Contains("did you mean 'gaussian_blur'", message);
            Assert.Contains("stands in a too", message);
            Assert.Contains("did you mean 'fine'", message);
            Assert.Contains("unknown family 'c'", message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsStochastic(ICorruption corruption) => corruption is StochasticCorruption || corruption is Sequence sequence && sequence.Steps.Any(IsStochastic);

    private static double MeanSquare(RgbImage a, RgbImage b)
    {
        long sum = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
            sum += (a.Pixels[i] - b.Pixels[i]) * (a.Pixels[i] - b.Pixels[i]);
        return sum / (double)a.Pixels.Length;
    }
}
