using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Correlation with a sparse kernel, in the precision and the order of the taps, without fused operations, so that every machine and the references get the same
/// bits. Sums stay in registers over all taps.
/// </summary>
internal static class TapFilter
{
    private const int Channels = 3;

    /// <summary>The filtered picture; outside it, the border rule gives the row or column to read.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="taps">The kernel.</param>
    /// <param name="border">Maps (index, size) to an index inside.</param>
    /// <param name="fidelity">How results become bytes.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static RgbImage Apply<T>(RgbImage image, IReadOnlyList<Tap> taps, Func<int, int, int> border, Fidelity fidelity) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int left = -Math.Min(0, taps.Min(tap => tap.X)), right = Math.Max(0, taps.Max(tap => tap.X));
        int top = -Math.Min(0, taps.Min(tap => tap.Y)), bottom = Math.Max(0, taps.Max(tap => tap.Y));
        int stride = (left + image.Width + right) * Channels, row = image.Width * Channels;
        using var padded = new Scratch<T>(checked(stride * (top + image.Height + bottom)));
        Pad(image, padded.Span, left, right, top, bottom, border);
        using var offsets = new Scratch<int>(taps.Count);
        using var weights = new Scratch<T>(taps.Count);
        for (int i = 0; i < taps.Count; i++)
            (offsets.Span[i], weights.Span[i]) = ((taps[i].Y + top) * stride + (taps[i].X + left) * Channels, T.CreateTruncating(taps[i].Weight));
        using var sums = new Scratch<T>(row);
        var result = new RgbImage(image.Width, image.Height);
        T offset = T.CreateTruncating(fidelity == Fidelity.Rounded ? 0.5 : 0), white = T.CreateTruncating(255);
        for (int y = 0; y < image.Height; y++)
        {
            Sum(padded.Span[(y * stride)..], offsets.Span, weights.Span, sums.Span);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < to.Length; x++)
                to[x] = byte.CreateTruncating(T.Clamp(sums.Span[x], T.Zero, white) + offset);
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

    private static void Sum<T>(ReadOnlySpan<T> from, ReadOnlySpan<int> offsets, ReadOnlySpan<T> weights, Span<T> sums) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int lanes = Vector256<T>.Count, block = 4 * lanes, x = 0;
        for (; x + block <= sums.Length; x += block)
        {
            Vector256<T> a = default, b = default, c = default, d = default;
            for (int i = 0; i < offsets.Length; i++)
            {
                ref T source = ref MemoryMarshal.GetReference(from.Slice(offsets[i] + x, block));
                Vector256<T> weight = Vector256.Create(weights[i]);
                a += weight * Vector256.LoadUnsafe(ref source);
                b += weight * Vector256.LoadUnsafe(ref source, (nuint)lanes);
                c += weight * Vector256.LoadUnsafe(ref source, (nuint)(2 * lanes));
                d += weight * Vector256.LoadUnsafe(ref source, (nuint)(3 * lanes));
            }
            ref T target = ref MemoryMarshal.GetReference(sums.Slice(x, block));
            a.StoreUnsafe(ref target);
            b.StoreUnsafe(ref target, (nuint)lanes);
            c.StoreUnsafe(ref target, (nuint)(2 * lanes));
            d.StoreUnsafe(ref target, (nuint)(3 * lanes));
        }
        for (; x < sums.Length; x++)
        {
            T sum = T.Zero;
            for (int i = 0; i < offsets.Length; i++)
                sum += weights[i] * from[offsets[i] + x];
            sums[x] = sum;
        }
    }

    private static void Pad<T>(RgbImage image, Span<T> padded, int left, int right, int top, int bottom, Func<int, int, int> border) where T : INumber<T>
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
                for (int c = 0; c < Channels; c++)
                    padded[at + c] = T.CreateTruncating(row[column + c]);
                at += Channels;
            }
        }
    }
}
