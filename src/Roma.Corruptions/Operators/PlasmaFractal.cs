using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Roma.Corruptions.Operators;

/// <summary>A cloud-like map on a torus by midpoint displacement (the diamond-square algorithm), as the fog of ImageNet-C has it.</summary>
internal static class PlasmaFractal
{
    private const int MaxSide = 8192;

    /// <summary>The side of the map for a picture: the next power of two of its longer side, at most 8192; a longer picture repeats the map.</summary>
    public static int Side(int width, int height) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Math.Max(width, height), MaxSide));

    /// <summary>How many draws a map takes.</summary>
    public static int Draws(int side) => checked(side * side) - 1;

    /// <summary>Fills the upper left part of a map with values 0..1.</summary>
    /// <param name="fields">Holds the draws in [0, 1): level by level the squares' centres, then the middles of their upper, then of their left edges, row by row.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="side">A power of two.</param>
    /// <param name="decay">How much finer levels are damped, above 1: smaller is rougher.</param>
    /// <param name="width">Width of the part, at most the side.</param>
    /// <param name="height">Height of the part, at most the side. Of the finest level only the part is made and decides, with the whole of the coarser ones, what 0 and 1 are.</param>
    /// <param name="map">width * height values, row by row.</param>
    public static void Fill(Fields fields, string name, int side, double decay, int width, int height, Span<float> map)
    {
        if (side == 1)
        {
            map[0] = 0;
            return;
        }
        Scratch<float> coarse = new(2), fine = default; // a map of n x n has rows of n + 1: the first column once more
        coarse.Span.Clear();
        double amplitude = 100; // both factor and range in the reference, so its square counts
        float low = float.MaxValue, high = float.MinValue;
        for (int n = 1; n < side; n *= 2, amplitude /= decay)
        {
            bool last = 2 * n == side;
            if (last)
                (low, high) = Range(coarse.Span, low, high);
            (int rows, int columns, int stride) = last ? (height, width, width) : (2 * n, 2 * n, 2 * n + 1);
            if (!last)
                fine = new(2 * n * stride);
            Refine(coarse.Span, n, fields, name, (float)(amplitude * amplitude), last ? map : fine.Span, rows, columns, stride);
            coarse.Dispose();
            coarse = fine;
        }
        (low, high) = Range(map, low, high);
        float range = high > low ? high - low : 1;
        for (int i = 0; i < map.Length; i++)
            map[i] = (map[i] - low) / range;
    }

    private static void Refine(ReadOnlySpan<float> coarse, int n, Fields fields, string name, float scale, Span<float> fine, int rows, int columns, int stride)
    {
        int cells = (columns + 1) / 2, squares = n * n - 1, upper = squares + n * n, left = upper + n * n;
        using Scratch<float> draws = new(n), centres = new(n + 1), above = new(n + 1), tops = new(n), sides = new(n);
        Centres(coarse, n, n - 1, fields, name, squares, scale, cells, draws.Span, above.Span);
        for (int y = 0; 2 * y < rows; y++)
        {
            ReadOnlySpan<float> corner = coarse.Slice(y * (n + 1), n + 1), next = coarse.Slice((y + 1) % n * (n + 1), n + 1);
            Span<float> centre = centres.Span;
            Centres(coarse, n, y, fields, name, squares, scale, cells, draws.Span, centre);
            Mean(centre[1..], above.Span[1..], corner, corner[1..], fields.Read(name, upper + y * n, draws.Span[..cells]), scale, tops.Span[..cells]);
            Interleave(corner, tops.Span, fine.Slice(2 * y * stride, columns));
            if (2 * y + 1 < rows)
            {
                Mean(centre[1..], centre, corner, next, fields.Read(name, left + y * n, draws.Span[..cells]), scale, sides.Span[..cells]);
                Interleave(sides.Span, centre[1..], fine.Slice((2 * y + 1) * stride, columns));
            }
            centre.CopyTo(above.Span);
        }
        for (int y = 0; y < rows && stride > columns; y++)
            fine[y * stride + columns] = fine[y * stride];
    }

    // The squares' centres of a row; before the first stands the last, as on a torus.
    private static void Centres(ReadOnlySpan<float> coarse, int n, int y, Fields fields, string name, int at, float scale, int cells, Span<float> draws, Span<float> centres)
    {
        ReadOnlySpan<float> corner = coarse.Slice(y * (n + 1), n + 1), next = coarse.Slice((y + 1) % n * (n + 1), n + 1);
        Mean(corner, next, corner[1..], next[1..], fields.Read(name, at + y * n, draws[..cells]), scale, centres.Slice(1, cells));
        Mean(corner[(n - 1)..], next[(n - 1)..], corner[n..], next[n..], fields.Read(name, at + y * n + n - 1, draws[..1]), scale, centres[..1]);
    }

    private static void Mean(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d, ReadOnlySpan<float> uniform, float scale, Span<float> result)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= result.Length; i += Vector256<float>.Count)
        {
            Vector256<float> mean = (Vector256.Create(a[i..]) + Vector256.Create(b[i..]) + (Vector256.Create(c[i..]) + Vector256.Create(d[i..]))) * 0.25f;
            (mean + (Vector256.Create(uniform[i..]) * 2f - Vector256<float>.One) * scale).CopyTo(result[i..]);
        }
        for (; i < result.Length; i++)
            result[i] = (a[i] + b[i] + (c[i] + d[i])) * 0.25f + (uniform[i] * 2f - 1) * scale;
    }

    private static void Interleave(ReadOnlySpan<float> even, ReadOnlySpan<float> odd, Span<float> result)
    {
        int pairs = result.Length / 2;
        ref ulong to = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<float, ulong>(result));
        for (int i = 0; i < pairs; i++)
            Unsafe.Add(ref to, i) = BitConverter.SingleToUInt32Bits(even[i]) | (ulong)BitConverter.SingleToUInt32Bits(odd[i]) << 32;
        if (result.Length % 2 == 1)
            result[^1] = even[pairs];
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> map, float low, float high)
    {
        Vector256<float> lows = Vector256.Create(low), highs = Vector256.Create(high);
        int i = 0;
        for (; i + Vector256<float>.Count <= map.Length; i += Vector256<float>.Count)
        {
            var values = Vector256.Create(map[i..]);
            (lows, highs) = (Vector256.Min(lows, values), Vector256.Max(highs, values));
        }
        for (; i < map.Length; i++)
            (low, high) = (Math.Min(low, map[i]), Math.Max(high, map[i]));
        for (int k = 0; k < Vector256<float>.Count; k++)
            (low, high) = (Math.Min(low, lows[k]), Math.Max(high, highs[k]));
        return (low, high);
    }
}
