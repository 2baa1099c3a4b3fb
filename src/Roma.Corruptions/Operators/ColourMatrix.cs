using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Linear maps of R, G, B, in fixed point of 16 bits.</summary>
internal static class ColourMatrix
{
    /// <summary>What the channels contribute to luma (ITU-R BT.601).</summary>
    public static readonly double[] Luma = [0.299, 0.587, 0.114];

    /// <summary>The picture after a 3x3 matrix, row by row, and an offset in levels.</summary>
    public static RgbImage Apply(RgbImage image, ReadOnlySpan<double> matrix, double offset = 0)
    {
        int m0 = Fixed(matrix[0]), m1 = Fixed(matrix[1]), m2 = Fixed(matrix[2]), m3 = Fixed(matrix[3]), m4 = Fixed(matrix[4]), m5 = Fixed(matrix[5]);
        int m6 = Fixed(matrix[6]), m7 = Fixed(matrix[7]), m8 = Fixed(matrix[8]), half = Fixed(offset + 0.5);
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
        for (int i = 0; i + 2 < from.Length && i + 2 < to.Length; i += 3)
        {
            (int r, int g, int b) = (from[i], from[i + 1], from[i + 2]);
            to[i] = (byte)Math.Clamp(m0 * r + m1 * g + m2 * b + half >> 16, 0, 255);
            to[i + 1] = (byte)Math.Clamp(m3 * r + m4 * g + m5 * b + half >> 16, 0, 255);
            to[i + 2] = (byte)Math.Clamp(m6 * r + m7 * g + m8 * b + half >> 16, 0, 255);
        }
        return result;
    }

    /// <summary>One value per pixel: its luma.</summary>
    public static void Gray(RgbImage image, Span<byte> gray)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        for (int i = 0, at = 0; i < gray.Length; i++, at += 3)
            gray[i] = (byte)(19595 * from[at] + 38470 * from[at + 1] + 7471 * from[at + 2] + (1 << 15) >> 16);
    }

    /// <summary>A picture of one value per pixel.</summary>
    public static RgbImage OfGray(int width, int height, ReadOnlySpan<byte> gray)
    {
        var result = RgbImage.Rent(width, height);
        Span<byte> to = result.Pixels;
        for (int i = 0, at = 0; i < gray.Length; i++, at += 3)
            to[at] = to[at + 1] = to[at + 2] = gray[i];
        return result;
    }

    private static int Fixed(double value) => (int)Math.Round(value * (1 << 16));
}
