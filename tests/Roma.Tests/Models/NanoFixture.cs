using Roma.Core;
using Roma.Models;
using Roma.Models.Processing;
using Roma.Models.Qwen3Vl;

namespace Roma.Tests.Models;

/// <summary>An untrained nano model with weights so large that its distributions are far from uniform, and prompts of several lengths with and without pictures.</summary>
public sealed class NanoFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NanoFixture()
    {
        NanoModel.Create(_folder.Path, 11, deviation: 0.15);
        Model = VisionLanguageModel.Load(_folder.Path);
    }

    public VisionLanguageModel Model { get; }

    public string[] Questions { get; } = ["read all digits", "sum of the top row?", "max of <image> and <image>", "the difference of left and right"];

    public RgbImage[][] Images { get; } = [[Picture(1)], [], [Picture(2), Picture(3)], [Picture(4)]];

    public TokenPrompt Prompt(int i) => Model.Prompt(Questions[i], Grids(i));

    public VisionFeatures? Features(params int[] prompts)
    {
        RgbImage[] images = [.. prompts.SelectMany(i => Images[i])];
        return images.Length == 0 ? null : Model.Network.Encode(Model.Patches(images, out Grid[] grids), grids);
    }

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }

    private Grid[] Grids(int i) => [.. Images[i].Select(image => Model.Processor.Images.GridOf(image.Width, image.Height))];

    private static RgbImage Picture(int seed)
    {
        var image = new RgbImage(64, 64);
        CounterRandom random = CounterRandom.Of("picture", seed);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(random.NextUInt32() % 64 + i / 64);
        return image;
    }
}
