using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Correlation with a sparse kernel in double precision, in the order of the taps and without fused operations, as NumPy adds: every machine and the references
/// get the same bits, which decides on constant areas. Sums stay in registers over all taps.
/// </summary>
internal static class TapFilter
{
    private const int Channels = 3;

    /// <summary>The filtered picture; outside it, the border rule gives the row or column to read.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="taps">The kernel.</param>
    /// <param name="border">Maps (index, size) to an index inside.</param>
    /// <param name="fidelity">How results become bytes.</param>
    public static RgbImage Apply(RgbImage image, IReadOnlyList<Tap> taps, Func<int, int, int> border, Fidelity fidelity)
    {
        int left = -Math.Min(0, taps.Min(tap => tap.X)), right = Math.Max(0, taps.Max(tap => tap.X));
        int top = -Math.Min(0, taps.Min(tap => tap.Y)), bottom = Math.Max(0, taps.Max(tap => tap.Y));
        int stride = (left + image.Width + right) * Channels, row = image.Width * Channels;
        using var padded = new Scratch<double>(checked(stride * (top + image.Height + bottom)));
        Pad(image, padded.Span, left, right, top, bottom, border);
        using var offsets = new Scratch<int>(taps.Count);
        using var weights = new Scratch<double>(taps.Count);
        for (int i = 0; i < taps.Count; i++)
            (offsets.Span[i], weights.Span[i]) = ((taps[i].Y + top) * stride + (taps[i].X + left) * Channels, taps[i].Weight);
        using var sums = new Scratch<double>(row);
        var result = new RgbImage(image.Width, image.Height);
        double offset = fidelity == Fidelity.Rounded ? 0.5 : 0;
        for (int y = 0; y < image.Height; y++)
        {
            Sum(padded.Span[(y * stride)..], offsets.Span, weights.Span, sums.Span);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < to.Length; x++)
                to[x] = (byte)(Math.Clamp(sums.Span[x], 0, 255) + offset);
        }
        return result;
    }

    /// <summary>Outside the picture lies its nearest pixel.</summary>
    public static int Replicate(int index, int size) => Math.Clamp(index, 0, size - 1);

    /// <summary>Outside the picture lies its mirror image without the edge pixel itself.</summary>
    public static int Reflect101(int index, int size)
    {
        if (size == 1)
            return 0;
        int period = 2 * (size - 1), folded = (index % period + period) % period;
        return folded < size ? folded : period - folded;
    }

    private static void Sum(ReadOnlySpan<double> from, ReadOnlySpan<int> offsets, ReadOnlySpan<double> weights, Span<double> sums)
    {
        int lanes = Vector256<double>.Count, block = 4 * lanes, x = 0;
        for (; x + block <= sums.Length; x += block)
        {
            Vector256<double> a = default, b = default, c = default, d = default;
            for (int i = 0; i < offsets.Length; i++)
            {
                ref double source = ref MemoryMarshal.GetReference(from.Slice(offsets[i] + x, block));
                Vector256<double> weight = Vector256.Create(weights[i]);
                a += weight * Vector256.LoadUnsafe(ref source);
                b += weight * Vector256.LoadUnsafe(ref source, (nuint)lanes);
                c += weight * Vector256.LoadUnsafe(ref source, (nuint)(2 * lanes));
                d += weight * Vector256.LoadUnsafe(ref source, (nuint)(3 * lanes));
            }
            ref double target = ref MemoryMarshal.GetReference(sums.Slice(x, block));
            a.StoreUnsafe(ref target);
            b.StoreUnsafe(ref target, (nuint)lanes);
            c.StoreUnsafe(ref target, (nuint)(2 * lanes));
            d.StoreUnsafe(ref target, (nuint)(3 * lanes));
        }
        for (; x < sums.Length; x++)
        {
            double sum = 0;
            for (int i = 0; i < offsets.Length; i++)
                sum += weights[i] * from[offsets[i] + x];
            sums[x] = sum;
        }
    }

    private static void Pad(RgbImage image, Span<double> padded, int left, int right, int top, int bottom, Func<int, int, int> border)
    {
        ReadOnlySpan<byte> from = image.Pixels;
        using var columns = new Scratch<int>(left + image.Width + right);
        for (int x = 0; x < columns.Span.Length; x++)
            columns.Span[x] = border(x - left, image.Width) * Channels;
        int at = 0;
        for (int y = -top; y < image.Height + bottom; y++)
        {
            ReadOnlySpan<byte> row = from.Slice(border(y, image.Height) * image.Width * Channels, image.Width * Channels);
            foreach (int column in columns.Span)
            {
                (padded[at], padded[at + 1], padded[at + 2]) = (row[column], row[column + 1], row[column + 2]);
                at += Channels;
            }
        }
    }
}
