using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Processing;

namespace Roma.Tests.Models.Processing;

public class ImageProcessorTests
{
    [SkippableFact]
    [Trait("Category", "Golden")]
    public void GoldenSizesAreExact()
    {
        JsonArray rows = JsonNode.Parse(File.ReadAllText(Golden.PathOf("processor/smart_resize.json")))!["rows"]!.AsArray();
        Assert.NotEmpty(rows);
        foreach (JsonNode? row in rows)
        {
            int[] given = [.. row!.AsArray().Take(5).Select(value => (int)value!)];
            if (row[5] is null)
                Assert.Throws<RomaException>(() => SmartResize.Size(given[0], given[1], given[2], given[3], given[4]));
            else
                Assert.Equal(((int)row[5]![0]!, (int)row[5]![1]!), SmartResize.Size(given[0], given[1], given[2], given[3], given[4]));
        }
    }

    [SkippableFact]
    [Trait("Category", "Golden")]
    public void GoldenPicturesAreResizedWithinOneLevel()
    {
        JsonArray cases = JsonNode.Parse(File.ReadAllText(Golden.PathOf("processor/images.json")))!.AsArray();
        Assert.NotEmpty(cases);
        foreach (JsonNode? one in cases)
        {
            RgbImage image = Png.Read(Golden.PathOf($"processor/images/{one!["image"]}")), expected = Png.Read(Golden.PathOf($"processor/images/{one["resized_torchvision"]}"));
            var processor = new ImageProcessor(Settings(one));
            Grid grid = processor.GridOf(image.Width, image.Height);
            Assert.Equal(one["image_grid_thw"].Deserialize<int[]>(), new[] { grid.T, grid.H, grid.W });
            RgbImage resized = BicubicResize.Apply(image, expected.Height, expected.Width);
            int[] errors = [.. resized.Pixels.Zip(expected.Pixels, (a, b) => Math.Abs(a - b))];
            Assert.True(errors.Max() <= 1 && errors.Average() < 0.01, $"{one["resized_torchvision"]}: largest {errors.Max()}, mean {errors.Average()}");
            float[] patches = processor.Process([image]).Patches;
            Assert.Equal((double)one["checksum_torchvision"]!["l2"]!, Math.Sqrt(patches.Sum(value => (double)value * value)), 1e-3);
        }
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Files), "processor", "pixel_values__*__torchvision.safetensors", MemberType = typeof(Golden))]
    public void GoldenPatchesAreInOrder(string relative)
    {
        using var file = SafetensorsFile.Open(Golden.PathOf(relative));
        using TorchSharp.torch.Tensor expected = file.Read("pixel_values");
        string family = Path.GetFileName(relative).Split("__")[1];
        float[] values = [.. expected.data<float>()];
        bool found = false;
        foreach (JsonNode? one in JsonNode.Parse(File.ReadAllText(Golden.PathOf("processor/images.json")))!.AsArray().Where(one => (string)one!["family"]! == family))
        {
            var processor = new ImageProcessor(Settings(one!));
            float[] patches = processor.Process([Png.Read(Golden.PathOf($"processor/images/{one!["image"]}"))]).Patches;
            if (processor.PatchLength != expected.shape[1] || patches.Length != values.Length)
                continue;
            found |= patches.Zip(values, (a, b) => Math.Abs(a - b)).Max() <= 1 / 127f;
        }
        Assert.True(found, "No picture of the family gives these patches.");
    }

    [Fact]
    public void AnUnchangedSizeSkipsResamplingAndBothCopiesAreEqual()
    {
        var settings = new ImageSettings(8, 2, 2, 4096, 4096, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]);
        var image = new RgbImage(64, 64);
        new Random(1).NextBytes(image.Pixels);
        var processor = new ImageProcessor(settings);
        float[] patches = new float[64 * processor.PatchLength];
        Assert.Equal(new Grid(1, 8, 8), processor.Fill(image, patches));
        Assert.Same(image, BicubicResize.Apply(image, 64, 64));
        for (int patch = 0; patch < 64; patch++) // merge order: 2x2 blocks row by row
        {
            (int block, int inner) = (patch / 4, patch % 4);
            (int y, int x) = ((block / 4 * 2 + inner / 2) * 8, (block % 4 * 2 + inner % 2) * 8);
            for (int i = 0; i < processor.PatchLength; i++)
            {
                (int channel, int row, int column) = (i / 128, i / 8 % 8, i % 8);
                Assert.Equal(image.Pixels[((y + row) * 64 + x + column) * 3 + channel] / 127.5f - 1, patches[patch * processor.PatchLength + i], 1e-6f);
            }
        }
        Assert.Throws<ArgumentException>(() => processor.Fill(image, new float[3]));
    }

    [Fact]
    public void AConstantPictureStaysConstant()
    {
        var image = new RgbImage(37, 101);
        image.Pixels.AsSpan().Fill(201);
        Assert.All(BicubicResize.Apply(image, 56, 224).Pixels, value => Assert.Equal(201, value));
    }

    [Fact]
    public void EveryFaultOfTheSettingsIsNamedAtOnce()
    {
        string folder = Directory.CreateTempSubdirectory("roma").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"),
                """{"patch_size":0,"merge_size":"two","size":{"shortest_edge":9,"longest_edge":8},"image_mean":[0.5,0.5],"image_std":[1,0,1],"resample":2,"do_resize":false}""");
            string message = Assert.Throws<RomaException>(() => ImageSettings.Load(folder)).Message;
            Assert.All(new[] { "patch_size", "merge_size", "temporal_patch_size", "image_mean", "image_std", "resample", "do_resize", "smallest area" },
                key => Assert.Contains(key, message, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ImageSettings Settings(JsonNode one) => new((int)one["patch_size"]!, 2, 2, (long)one["size"]!["shortest_edge"]!, (long)one["size"]!["longest_edge"]!,
        one["image_mean"].Deserialize<float[]>()!, one["image_std"].Deserialize<float[]>()!);
}
