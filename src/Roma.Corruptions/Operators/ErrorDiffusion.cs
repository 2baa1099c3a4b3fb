using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Floyd and Steinberg's dither: each pixel's error goes to its neighbours to the right and below, in sixteenths 7, 3, 5, 1.</summary>
internal static class ErrorDiffusion
{
    private const int Channels = 3;

    /// <summary>A picture in the colours of a palette.</summary>
    public static RgbImage Dither(RgbImage image, MedianCut palette)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = image.Width * Channels;
        using Scratch<int> first = new(row + 2 * Channels), second = new(row + 2 * Channels); // errors in sixteenths, one pixel wider on both sides
        Span<int> here = first.Span, below = second.Span;
        here.Clear();
        below.Clear();
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x + 2 < from.Length; x += Channels)
            {
                int at = x + Channels, r = Want(from[x], here[at]), g = Want(from[x + 1], here[at + 1]), b = Want(from[x + 2], here[at + 2]);
                Rgb shown = palette.Nearest(r, g, b);
                (to[x], to[x + 1], to[x + 2]) = (shown.R, shown.G, shown.B);
                Spread(here, below, at, Channels, r - shown.R);
                Spread(here, below, at + 1, Channels, g - shown.G);
                Spread(here, below, at + 2, Channels, b - shown.B);
            }
            Span<int> done = here;
            here = below;
            below = done;
            below.Clear();
        }
        return result;
    }

    /// <summary>Gray levels, in place, into those that a table of 256 gives.</summary>
    public static void Dither(Span<byte> gray, int width, ReadOnlySpan<byte> nearest)
    {
        using Scratch<int> first = new(width + 2), second = new(width + 2);
        Span<int> here = first.Span, below = second.Span;
        here.Clear();
        below.Clear();
        for (; gray.Length > 0; gray = gray[width..])
        {
            for (int x = 0; x < width; x++)
            {
                int level = Want(gray[x], here[x + 1]);
                gray[x] = nearest[level];
                Spread(here, below, x + 1, 1, level - gray[x]);
            }
            Span<int> done = here;
            here = below;
            below = done;
            below.Clear();
        }
    }

    private static int Want(int level, int error) => Math.Clamp(level + (error + 8 >> 4), 0, 255);

    private static void Spread(Span<int> here, Span<int> below, int at, int step, int error)
    {
        here[at + step] += 7 * error;
        below[at - step] += 3 * error;
        below[at] += 5 * error;
        below[at + step] += error;
    }
}
