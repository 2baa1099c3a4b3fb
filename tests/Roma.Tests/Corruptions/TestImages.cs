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

    /// <summary>Paper with lines of black strokes, thin coloured lines and a filled shape.</summary>
    public static RgbImage Page(int width, int height)
    {
        RgbImage image = Constant(width, height, 248);
        var random = CounterRandom.Of("page", width, height);
        void Fill(int left, int top, int right, int bottom, byte r, byte g, byte b)
        {
            for (int y = top; y < Math.Min(bottom, height); y++)
                for (int x = left; x < Math.Min(right, width); x++)
                    (image.Pixels[3 * (y * width + x)], image.Pixels[3 * (y * width + x) + 1], image.Pixels[3 * (y * width + x) + 2]) = (r, g, b);
        }
        for (int line = 6; line < height / 2; line += 11)
            for (int x = 5; x < width - 6; x += random.Integer(3, 8))
                Fill(x, line + random.Integer(0, 4), x + random.Integer(1, 4), line + 8, 15, 15, 20);
        Fill(width / 8, height / 2 + 5, width / 8 + 1, height - 5, 200, 30, 30);
        Fill(width / 8, height - 12, width - 8, height - 11, 30, 60, 200);
        Fill(width / 2, height * 5 / 8, width * 7 / 8, height * 7 / 8, 60, 160, 80);
        return image;
    }

    public static RgbImage Constant(int width, int height, byte level)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, level);
        return image;
    }
}
