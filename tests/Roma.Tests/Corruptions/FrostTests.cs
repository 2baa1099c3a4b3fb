using Roma.Core;
using Roma.Corruptions.Weather;

namespace Roma.Tests.Corruptions;

public class FrostTests
{
    [Fact]
    public void TakesItsWindowsFromAFolder()
    {
        using var folder = new TemporaryFolder();
        ImageCodec.SavePng(TestImages.Constant(40, 30, 100), folder.File("window.png"));
        RgbImage image = TestImages.Textured(64, 48), frosted = new Frost(0.5, 0.4, folder.Path).Apply(image, CounterRandom.Of("frost"));
        Assert.All(image.Pixels.Zip(frosted.Pixels), pair => Assert.InRange(pair.Second - (0.5 * pair.First + 40), -0.51, 0.51));
    }

    [Fact]
    public void AFolderWithoutPicturesIsNamed()
    {
        using var folder = new TemporaryFolder();
        RgbImage image = TestImages.Textured(8, 8);
        Assert.Contains("holds no picture", Assert.Throws<RomaException>(() => new Frost(1, 1, folder.Path).Apply(image, CounterRandom.Of("frost"))).Message);
        Assert.Contains("does not exist", Assert.Throws<RomaException>(() => new Frost(1, 1, folder.File("none")).Apply(image, CounterRandom.Of("frost"))).Message);
    }

    [Fact]
    public void WindowsDiffer()
    {
        RgbImage image = TestImages.Constant(64, 64, 128);
        byte[][] results = [.. Enumerable.Range(0, 12).Select(seed => new Frost(0.5, 0.5, null).Apply(image, CounterRandom.Of(seed)).Pixels)];
        Assert.Equal(results.Length, results.DistinctBy(Convert.ToHexString).Count());
    }
}
