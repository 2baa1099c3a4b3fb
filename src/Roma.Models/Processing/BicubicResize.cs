using System.Numerics;
using Roma.Core;

namespace Roma.Models.Processing;

/// <summary>
/// Anti-aliased bicubic resampling (a = -0.5, support widened by the scale when shrinking, centres at half pixels): rows first, rounded to 8 bit, then columns,
/// with weights as 16-bit fixed-point numbers. That is the arithmetic of torchvision's 8-bit back end; with float weights single pixels differ by 2 levels.
/// </summary>
public static class BicubicResize
{
    private const double A = -0.5;

    /// <summary>Resizes a picture; returns the same one where the size is right already.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    public static RgbImage Apply(RgbImage image, int height, int width)
    {
        if (image.Width != width)
            image = Rows(image, width);
        return image.Height == height ? image : Columns(image, height);
    }

    private static RgbImage Rows(RgbImage image, int width)
    {
        (Tap[] taps, int precision) = Taps(image.Width, width);
        var result = new RgbImage(width, image.Height);
        int half = 1 << (precision - 1);
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);
            Span<byte> to = result.Pixels.AsSpan(y * width * 3, width * 3);
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<int> weights = taps[x].Weights;
                ReadOnlySpan<byte> pixels = from.Slice(taps[x].Start * 3, weights.Length * 3);
                int r = half, g = half, b = half;
                for (int k = 0; k < weights.Length; k++)
                {
                    r += weights[k] * pixels[3 * k];
                    g += weights[k] * pixels[3 * k + 1];
                    b += weights[k] * pixels[3 * k + 2];
                }
                (to[3 * x], to[3 * x + 1], to[3 * x + 2]) = (ToByte(r >> precision), ToByte(g >> precision), ToByte(b >> precision));
            }
        }
        return result;
    }

    private static RgbImage Columns(RgbImage image, int height)
    {
        (Tap[] taps, int precision) = Taps(image.Height, height);
        var result = new RgbImage(image.Width, height);
        int stride = image.Width * 3;
        int[] sum = new int[stride];
        for (int y = 0; y < height; y++)
        {
            Array.Fill(sum, 1 << (precision - 1));
            for (int k = 0; k < taps[y].Weights.Length; k++)
                AddScaled(image.Pixels.AsSpan((taps[y].Start + k) * stride, stride), taps[y].Weights[k], sum);
            Span<byte> to = result.Pixels.AsSpan(y * stride, stride);
            for (int i = 0; i < stride; i++)
                to[i] = ToByte(sum[i] >> precision);
        }
        return result;
    }

    private static void AddScaled(ReadOnlySpan<byte> row, int weight, Span<int> sum)
    {
        int i = 0, quarter = Vector<int>.Count;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Add(low, sum[i..]);
            Add(high, sum[(i + 2 * quarter)..]);
        }
        for (; i < row.Length; i++)
            sum[i] += weight * row[i];

        void Add(Vector<ushort> values, Span<int> to)
        {
            Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
            (new Vector<int>(to) + Vector.AsVectorInt32(low) * weight).CopyTo(to);
            (new Vector<int>(to[quarter..]) + Vector.AsVectorInt32(high) * weight).CopyTo(to[quarter..]);
        }
    }

    /// <summary>For every output position the first input position and the weights from there on, in units of 2^-precision: as fine as 16 bits hold the largest.</summary>
    private static (Tap[] Taps, int Precision) Taps(int from, int to)
    {
        double scale = (double)from / to, widening = Math.Max(scale, 1), support = 2 * widening;
        var exact = new (int Start, double[] Weights)[to];
        for (int i = 0; i < to; i++)
        {
            double centre = scale * (i + 0.5);
            int start = Math.Max((int)(centre - support + 0.5), 0), end = Math.Min((int)(centre + support + 0.5), from);
            double[] weights = [.. Enumerable.Range(start, end - start).Select(j => Kernel((j - centre + 0.5) / widening))];
            double sum = weights.Sum();
            exact[i] = (start, [.. weights.Select(weight => weight / sum)]);
        }
        double largest = exact.Max(tap => tap.Weights.Max());
        int precision = 1;
        while (precision < 22 && (int)(0.5 + largest * (1 << (precision + 1))) < 1 << 15)
            precision++;
        double unit = 1 << precision;
        return ([.. exact.Select(tap => new Tap(tap.Start, [.. tap.Weights.Select(weight => (int)Math.Round(weight * unit, MidpointRounding.AwayFromZero))]))], precision);
    }

    private static double Kernel(double x) => Math.Abs(x) switch
    {
        < 1 and var d => ((A + 2) * d - (A + 3)) * d * d + 1,
        < 2 and var d => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A,
        _ => 0,
    };

    private static byte ToByte(int value) => (byte)Math.Clamp(value, 0, 255);

    private readonly record struct Tap(int Start, int[] Weights);
}
