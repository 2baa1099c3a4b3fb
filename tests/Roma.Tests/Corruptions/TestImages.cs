using Roma.Core;

namespace Roma.Tests.Corruptions;

internal static class TestImages
{
    /// <summary>Shapes, edges, texture and single black and white values, over the whole range.</summary>
    public static RgbImage Textured(int width, int height)
    {
        var image = new RgbImage(width, height);
        var random = CounterRandom.Of("textured", width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            (int x, int y, int c) = (i / 3 % width, i / 3 / width, i % 3);
            double wave = 128 + 90 * Math.Sin(x * (0.11 + 0.05 * c)) * Math.Cos(y * 0.17), box = (x / 9 + y / 7) % 3 == c ? 60 : 0;
            image.Pixels[i] = (byte)Math.Clamp(wave + box + random.Uniform(-8, 8), 0, 255);
            if (random.Integer(0, 40) == 0)
                image.Pixels[i] = (byte)(255 * random.Integer(0, 2));
        }
        return image;
    }

    public static RgbImage Constant(int width, int height, byte level)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, level);
        return image;
    }
}
