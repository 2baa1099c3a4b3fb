using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Pillow's box and nearest resizing, to the bit where both sides shrink alike: fixed-point weights of 22 bits, the horizontal pass first, rounding to bytes between
/// the passes. (Pillow 13 takes the vertical pass first where that side shrinks much more.)
/// </summary>
internal static class PillowResize
{
    private const int FractionBits = 22, Channels = 3;

    /// <summary>Averages the source pixels whose centres lie under a target pixel.</summary>
    public static RgbImage Box(RgbImage image, int width, int height) => BoxColumns(BoxRows(image, width), height);

    /// <summary>Takes the source pixel under a target pixel's centre.</summary>
    public static RgbImage Nearest(RgbImage image, int width, int height)
    {
        var result = new RgbImage(width, height);
        int[] columns = NearestIndices(image.Width, width), rows = NearestIndices(image.Height, height);
        Span<byte> to = result.Pixels;
        int at = 0;
        foreach (int row in rows)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(row * image.Width * Channels, image.Width * Channels);
            foreach (int column in columns)
            {
                int source = column * Channels;
                (to[at], to[at + 1], to[at + 2]) = (from[source], from[source + 1], from[source + 2]);
                at += Channels;
            }
        }
        return result;
    }

    private static int[] NearestIndices(int from, int to)
    {
        int[] indices = new int[to];
        double scale = (double)from / to, position = scale / 2; // accumulated as Pillow does: multiplication would round differently at ties
        for (int i = 0; i < to; i++, position += scale)
            indices[i] = Math.Min((int)position, from - 1);
        return indices;
    }

    private static RgbImage BoxRows(RgbImage image, int width)
    {
        if (width == image.Width)
            return image;
        var result = new RgbImage(width, image.Height);
        for (int x = 0; x < width; x++)
        {
            (int first, int count) = Window(x, image.Width, width);
            int weight = Weight(count);
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> from = image.Pixels.AsSpan((y * image.Width + first) * Channels, count * Channels);
                Span<byte> to = result.Pixels.AsSpan((y * width + x) * Channels, Channels);
                int r = 0, g = 0, b = 0;
                for (int i = 0; i < from.Length; i += Channels)
                    (r, g, b) = (r + from[i], g + from[i + 1], b + from[i + 2]);
                (to[0], to[1], to[2]) = (ToByte(r * weight), ToByte(g * weight), ToByte(b * weight));
            }
        }
        return result;
    }

    private static RgbImage BoxColumns(RgbImage image, int height)
    {
        if (height == image.Height)
            return image;
        var result = new RgbImage(image.Width, height);
        int row = image.Width * Channels;
        using var sums = new Scratch<int>(row);
        for (int y = 0; y < height; y++)
        {
            (int first, int count) = Window(y, image.Height, height);
            int weight = Weight(count);
            sums.Span.Clear();
            for (int i = first; i < first + count; i++)
                for (int x = 0; x < row; x++)
                    sums.Span[x] += image.Pixels[i * row + x];
            for (int x = 0; x < row; x++)
                result.Pixels[y * row + x] = ToByte(sums.Span[x] * weight);
        }
        return result;
    }

    private static (int First, int Count) Window(int target, int from, int to)
    {
        double scale = (double)from / to, reach = Math.Max(scale, 1), centre = (target + 0.5) * scale;
        int first = Math.Max(0, (int)(centre - reach / 2 + 0.5)), end = Math.Min(from, (int)(centre + reach / 2 + 0.5));
        while (end - first > 1 && (first - centre + 0.5) / reach <= -0.5)
            first++;
        while (end - first > 1 && (end - 1 - centre + 0.5) / reach > 0.5)
            end--;
        return (first, Math.Max(1, end - first));
    }

    private static int Weight(int count) => (int)(1.0 / count * (1 << FractionBits) + 0.5);

    private static byte ToByte(int sum) => (byte)Math.Clamp((sum + (1 << (FractionBits - 1))) >> FractionBits, 0, 255);
}
