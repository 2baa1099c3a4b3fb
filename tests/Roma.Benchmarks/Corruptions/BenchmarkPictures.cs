using Roma.Core;

namespace Roma.Benchmarks.Corruptions;

/// <summary>Pictures to measure on.</summary>
internal static class BenchmarkPictures
{
    /// <summary>Waves, edges and grain over the whole range, as in a photograph.</summary>
    public static RgbImage Photo(int width, int height)
    {
        var random = CounterRandom.Of("benchmark", width, height);
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            (int x, int y, int c) = (i / 3 % width, i / 3 / width, i % 3);
            double wave = 128 + 80 * Math.Sin(x * 0.1 + c) * Math.Cos(y * 0.13), edge = (x / 90 + y / 70) % 3 == c ? 40 : 0;
            image.Pixels[i] = (byte)Math.Clamp(wave + edge + random.Uniform(-9, 9), 0, 255);
        }
        return image;
    }
}
