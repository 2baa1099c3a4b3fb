using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>The mean over a disk, in whole numbers: every row of the disk is a difference of two running sums, so the cost grows with the radius, not with the area.</summary>
internal static class DiskFilter
{
    private const int Channels = 3;

    /// <summary>The filtered picture, rounded; outside lies its mirror image without the edge pixel.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="radius">Pixels whose centres are at most so far away count.</param>
    public static RgbImage Apply(RgbImage image, double radius)
    {
        int reach = (int)radius, rows = 2 * reach + 1, count = 0, row = image.Width * Channels;
        int stride = (image.Width + rows) * Channels; // running sums, one pixel more than the padded row has
        using Scratch<int> sums = new(checked(rows * stride)), low = new(rows), high = new(rows), half = new(rows);
        for (int y = -reach; y <= reach; y++)
            count += 2 * (half.Span[y + reach] = (int)Math.Sqrt(radius * radius - y * y)) + 1;
        var result = RgbImage.Rent(image.Width, image.Height);
        for (int y = -reach; y < reach; y++)
            RunningSums(image, y, reach, sums.Span.Slice((y + reach) % rows * stride, stride));
        for (int y = 0; y < image.Height; y++)
        {
            RunningSums(image, y + reach, reach, sums.Span.Slice((y + 2 * reach) % rows * stride, stride));
            for (int i = 0; i < rows; i++)
            {
                int line = (y + i) % rows * stride;
                low.Span[i] = line + (reach - half.Span[i]) * Channels;
                high.Span[i] = line + (reach + half.Span[i] + 1) * Channels;
            }
            Average(sums.Span, low.Span, high.Span, 1f / count, result.Pixels.AsSpan(y * row, row));
        }
        return result;
    }

    private static void RunningSums(RgbImage image, int y, int reach, Span<int> sums)
    {
        ReadOnlySpan<byte> row = image.Pixels.AsSpan(Border.Reflect101.Index(y, image.Height) * image.Width * Channels, image.Width * Channels);
        int at = Channels;
        (sums[0], sums[1], sums[2]) = (0, 0, 0);
        for (int x = -reach; x < 0; x++)
            at = Step(row, Border.Reflect101.Index(x, image.Width) * Channels, sums, at);
        (int r, int g, int b) = (sums[at - 3], sums[at - 2], sums[at - 1]);
        Span<int> middle = sums.Slice(at, row.Length);
        for (int i = 0; i + 2 < row.Length; i += Channels)
        {
            middle[i] = r += row[i];
            middle[i + 1] = g += row[i + 1];
            middle[i + 2] = b += row[i + 2];
        }
        at += row.Length;
        for (int x = image.Width; x < image.Width + reach; x++)
            at = Step(row, Border.Reflect101.Index(x, image.Width) * Channels, sums, at);
    }

    private static int Step(ReadOnlySpan<byte> row, int source, Span<int> sums, int at)
    {
        for (int c = 0; c < Channels; c++)
            sums[at + c] = sums[at + c - Channels] + row[source + c];
        return at + Channels;
    }

    private static void Average(ReadOnlySpan<int> sums, ReadOnlySpan<int> low, ReadOnlySpan<int> high, float share, Span<byte> target)
    {
        ref int from = ref MemoryMarshal.GetReference(sums);
        Vector256<float> scale = Vector256.Create(share), half = Vector256.Create(0.5f);
        high = high[..low.Length];
        int x = 0;
        for (; x + 32 <= target.Length; x += 32)
        {
            Vector256<int> a = default, b = default, c = default, d = default;
            for (int i = 0; i < low.Length; i++)
            {
                nuint start = (nuint)(low[i] + x), end = (nuint)(high[i] + x);
                a += Vector256.LoadUnsafe(ref from, end) - Vector256.LoadUnsafe(ref from, start);
                b += Vector256.LoadUnsafe(ref from, end + 8) - Vector256.LoadUnsafe(ref from, start + 8);
                c += Vector256.LoadUnsafe(ref from, end + 16) - Vector256.LoadUnsafe(ref from, start + 16);
                d += Vector256.LoadUnsafe(ref from, end + 24) - Vector256.LoadUnsafe(ref from, start + 24);
            }
            Levels.Narrow(Mean(a), Mean(b), Mean(c), Mean(d)).CopyTo(target[x..]);
        }
        for (; x < target.Length; x++)
        {
            int sum = 0;
            for (int i = 0; i < low.Length; i++)
                sum += sums[high[i] + x] - sums[low[i] + x];
            target[x] = (byte)(sum * share + 0.5f);
        }

        Vector256<float> Mean(Vector256<int> sum) => Vector256.ConvertToSingle(sum) * scale + half;
    }
}
