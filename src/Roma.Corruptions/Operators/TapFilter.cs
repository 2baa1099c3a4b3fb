using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Correlation with a sparse kernel, in the order of the taps and without fused operations, so that every machine gets the same bits. In double precision it adds as
/// NumPy does, which decides on constant areas where fractions are cut off. Sums stay in registers over all taps.
/// </summary>
internal static class TapFilter
{
    private const int Channels = 3, MinBandRows = 96;

    /// <summary>Fills one row of the source, all channels.</summary>
    public delegate void Reader<T>(int y, Span<T> row);

    /// <summary>Takes one row of sums, all channels.</summary>
    public delegate void Writer<T>(int y, ReadOnlySpan<T> sums);

    /// <summary>The filtered picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="taps">The kernel.</param>
    /// <param name="border">What lies outside; not a constant.</param>
    /// <param name="fidelity">How results become bytes: parity sums in double, rounding in single precision.</param>
    public static RgbImage Apply(RgbImage image, IReadOnlyList<Tap> taps, Border border, Fidelity fidelity)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        byte[] from = image.Pixels, to = result.Pixels;
        int row = image.Width * Channels;
        if (fidelity == Fidelity.Rounded)
        {
            Apply<float>(image.Width, image.Height, Channels, taps, border,
                (y, levels) => Levels.FromBytes(from.AsSpan(y * row, row), levels), (y, sums) => Levels.ToBytes(sums, to.AsSpan(y * row, row), fidelity));
            return result;
        }
        Apply<double>(image.Width, image.Height, Channels, taps, border, (y, levels) =>
        {
            for (int x = 0; x < row; x++)
                levels[x] = from[y * row + x];
        }, (y, sums) =>
        {
            for (int x = 0; x < row; x++)
                to[y * row + x] = (byte)Math.Clamp(sums[x], 0, 255);
        });
        return result;
    }

    /// <summary>Filters row by row; <typeparamref name="T"/> is the precision of the sums.</summary>
    public static void Apply<T>(int width, int height, int channels, IReadOnlyList<Tap> taps, Border border, Reader<T> read, Writer<T> write) where T : unmanaged, INumber<T>
    {
        int left = taps.Max(tap => Math.Max(0, -tap.X)), right = taps.Max(tap => Math.Max(0, tap.X));
        int top = taps.Max(tap => Math.Max(0, -tap.Y)), bottom = taps.Max(tap => Math.Max(0, tap.Y));
        int stride = (left + width + right) * channels, row = width * channels, bandRows = Math.Max(MinBandRows, top + bottom);
        using var padded = new Scratch<T>(checked(stride * (top + Math.Min(bandRows, height) + bottom)));
        using Scratch<int> offsets = new(taps.Count), columns = new(left + right);
        using Scratch<T> weights = new(taps.Count), sums = new(row);
        for (int i = 0; i < taps.Count; i++)
            (offsets.Span[i], weights.Span[i]) = ((taps[i].Y + top) * stride + (taps[i].X + left) * channels, T.CreateTruncating(taps[i].Weight));
        for (int i = 0; i < left + right; i++)
            columns.Span[i] = (left + border.Index(i < left ? i - left : width + i - left, width)) * channels;
        for (int start = 0; start < height; start += bandRows)
        {
            int rows = Math.Min(bandRows, height - start);
            for (int y = -top; y < rows + bottom; y++)
            {
                Span<T> line = padded.Span.Slice((y + top) * stride, stride);
                read(border.Index(start + y, height), line.Slice(left * channels, row));
                for (int i = 0; i < columns.Span.Length; i++)
                    line.Slice(columns.Span[i], channels).CopyTo(line[((i < left ? i : width + i) * channels)..]);
            }
            for (int y = 0; y < rows; y++)
            {
                Sum(padded.Span[(y * stride)..], offsets.Span, weights.Span, sums.Span);
                write(start + y, sums.Span);
            }
        }
    }

    private static void Sum<T>(ReadOnlySpan<T> from, ReadOnlySpan<int> offsets, ReadOnlySpan<T> weights, Span<T> sums) where T : unmanaged, INumber<T>
    {
        int lanes = Vector256<T>.Count, block = 4 * lanes, x = 0;
        for (; x + block <= sums.Length; x += block)
        {
            Vector256<T> a = default, b = default, c = default, d = default;
            for (int i = 0; i < offsets.Length; i++)
            {
                ref T source = ref MemoryMarshal.GetReference(from.Slice(offsets[i] + x, block));
                var weight = Vector256.Create(weights[i]);
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
}
