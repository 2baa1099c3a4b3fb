using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Lays colour or light over pictures.</summary>
internal static class Layers
{
    /// <summary>Paints a colour with an opacity of 0..255 for each pixel.</summary>
    public static void Paint(RgbImage image, ReadOnlySpan<byte> opacity, Rgb colour, double strength = 1)
    {
        Span<byte> pixels = image.Pixels;
        int full = (int)Math.Round(strength * 257); // 255 * 257 is nearly 1 << 16
        for (int i = 0, at = 0; i < opacity.Length; i++, at += 3)
        {
            int share = opacity[i] * full;
            if (share == 0)
                continue;
            pixels[at] = Mix(pixels[at], colour.R, share);
            pixels[at + 1] = Mix(pixels[at + 1], colour.G, share);
            pixels[at + 2] = Mix(pixels[at + 2], colour.B, share);
        }
    }

    /// <summary>Multiplies each pixel by a gain of its own, at least 0; into a picture of the same size, which may be the first one, or a new one.</summary>
    public static RgbImage Multiply(RgbImage image, ReadOnlySpan<float> gain, RgbImage? target = null)
    {
        RgbImage result = target ?? RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0, at = 0; i < gain.Length; i++, at += 3)
        {
            float factor = gain[i];
            to[at] = ToByte(from[at] * factor);
            to[at + 1] = ToByte(from[at + 1] * factor);
            to[at + 2] = ToByte(from[at + 2] * factor);
        }
        return result;
    }

    /// <summary>Mixes each pixel with gray or white, its share 0..1 for each pixel, as scattered light does; the target as in <see cref="Multiply"/>.</summary>
    public static RgbImage Veil(RgbImage image, ReadOnlySpan<float> share, float level = 255, RgbImage? target = null)
    {
        RgbImage result = target ?? RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0, at = 0; i < share.Length; i++, at += 3)
        {
            float veil = share[i];
            to[at] = ToByte(from[at] + (level - from[at]) * veil);
            to[at + 1] = ToByte(from[at + 1] + (level - from[at + 1]) * veil);
            to[at + 2] = ToByte(from[at + 2] + (level - from[at + 2]) * veil);
        }
        return result;
    }

    /// <summary>Rounds to the nearest level 0..255.</summary>
    public static byte ToByte(float level) => (byte)(Math.Min(Math.Max(level, 0f), 255f) + 0.5f);

    private static byte Mix(int level, int colour, int share) => (byte)(level + ((colour - level) * share + (1 << 15) >> 16));
}
