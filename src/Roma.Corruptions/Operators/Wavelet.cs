using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Roma.Corruptions.Operators;

/// <summary>
/// The biorthogonal 9/7 wavelet (Cohen, Daubechies and Feauveau; lifting steps of Daubechies and Sweldens 1998), mirrored at the edges and scaled so that all bands have
/// nearly the same norm. In place: in the first columns of a row its low band comes first, then its high band; low rows are those of even number, of which the next
/// level takes every second one.
/// </summary>
internal static class Wavelet
{
    private const float Scale = 1.149604398f;
    private static readonly float[] Steps = [-1.586134342f, -0.05298011854f, 0.8829110762f, 0.4435068522f];

    /// <summary>From pixels to bands.</summary>
    public static void Forward(Span<float> plane, int width, int height, int channels, int levels)
    {
        for (int level = 0; level < levels; level++)
        {
            var rows = new Rows(plane, width * channels, 1 << level, height);
            int columns = Half(width, level) * channels;
            for (int y = 0; y < rows.Count && columns > channels; y++)
                ForwardRow(rows[y][..columns], channels);
            Columns(rows, columns, forward: true);
        }
    }

    /// <summary>From bands to pixels.</summary>
    public static void Inverse(Span<float> plane, int width, int height, int channels, int levels)
    {
        for (int level = levels - 1; level >= 0; level--)
        {
            var rows = new Rows(plane, width * channels, 1 << level, height);
            int columns = Half(width, level) * channels;
            Columns(rows, columns, forward: false);
            for (int y = 0; y < rows.Count && columns > channels; y++)
                InverseRow(rows[y][..columns], channels);
        }
    }

    private static int Half(int side, int level) => (side + (1 << level) - 1) >> level;

    private static void ForwardRow(Span<float> row, int channels)
    {
        using var bands = new Scratch<float>(row.Length);
        int half = Half(row.Length / channels, 1) * channels;
        Span<float> low = bands.Span[..half], high = bands.Span[half..];
        for (int x = 0, at = 0; x < row.Length; x += 2 * channels, at += channels)
        {
            for (int c = 0; c < channels; c++)
                low[at + c] = row[x + c];
            for (int c = channels; c < 2 * channels && x + c < row.Length; c++)
                high[at + c - channels] = row[x + c];
        }
        for (int step = 0; step < Steps.Length; step++)
            LiftRow(low, high, channels, step, Steps[step]);
        Multiply(low, row, Scale);
        Multiply(high, row[half..], 1 / Scale);
    }

    private static void InverseRow(Span<float> row, int channels)
    {
        using var bands = new Scratch<float>(row.Length);
        int half = Half(row.Length / channels, 1) * channels;
        Span<float> low = bands.Span[..half], high = bands.Span[half..];
        Multiply(row[..half], low, 1 / Scale);
        Multiply(row[half..], high, Scale);
        for (int step = Steps.Length - 1; step >= 0; step--)
            LiftRow(low, high, channels, step, -Steps[step]);
        for (int x = 0, at = 0; x < row.Length; x += 2 * channels, at += channels)
        {
            for (int c = 0; c < channels; c++)
                row[x + c] = low[at + c];
            for (int c = channels; c < 2 * channels && x + c < row.Length; c++)
                row[x + c] = high[at + c - channels];
        }
    }

    // Even steps change the high band, odd ones the low band; each sample gets its two neighbours of the other band.
    private static void LiftRow(Span<float> low, Span<float> high, int channels, int step, float factor)
    {
        bool even = low.Length == high.Length;
        if (step % 2 == 0)
        {
            int inner = even ? high.Length - channels : high.Length;
            Lift(high[..inner], low, low[channels..], factor);
            if (even)
                Lift(high[inner..], low[inner..], low[inner..], factor);
            return;
        }
        Lift(low[..channels], high, high, factor);
        Lift(low[channels..high.Length], high, high[channels..], factor);
        if (!even)
            Lift(low[high.Length..], high[^channels..], high[^channels..], factor);
    }

    private static void Columns(Rows rows, int columns, bool forward)
    {
        if (rows.Count < 2)
            return;
        for (int y = 0; y < rows.Count && !forward; y++)
            Multiply(rows[y][..columns], rows[y], y % 2 == 0 ? 1 / Scale : Scale);
        for (int i = 0; i < Steps.Length; i++)
        {
            int step = forward ? i : Steps.Length - 1 - i;
            for (int y = 1 - step % 2; y < rows.Count; y += 2)
                Lift(rows[y][..columns], rows[y > 0 ? y - 1 : 1], rows[y + 1 < rows.Count ? y + 1 : y - 1], forward ? Steps[step] : -Steps[step]);
        }
        for (int y = 0; y < rows.Count && forward; y++)
            Multiply(rows[y][..columns], rows[y], y % 2 == 0 ? Scale : 1 / Scale);
    }

    private static void Lift(Span<float> target, ReadOnlySpan<float> before, ReadOnlySpan<float> after, float factor)
    {
        before = before[..target.Length];
        after = after[..target.Length];
        ref float t = ref MemoryMarshal.GetReference(target), a = ref MemoryMarshal.GetReference(before), b = ref MemoryMarshal.GetReference(after);
        int i = 0;
        for (; i + Vector256<float>.Count <= target.Length; i += Vector256<float>.Count)
            (Vector256.LoadUnsafe(ref t, (nuint)i) + (Vector256.LoadUnsafe(ref a, (nuint)i) + Vector256.LoadUnsafe(ref b, (nuint)i)) * factor).StoreUnsafe(ref t, (nuint)i);
        for (; i < target.Length; i++)
            target[i] += (before[i] + after[i]) * factor;
    }

    private static void Multiply(ReadOnlySpan<float> source, Span<float> target, float factor)
    {
        for (int i = 0; i < source.Length; i++)
            target[i] = source[i] * factor;
    }

    private readonly ref struct Rows(Span<float> plane, int stride, int step, int height)
    {
        private readonly Span<float> _plane = plane;

        public int Count => (height + step - 1) / step;

        public Span<float> this[int y] => _plane.Slice(y * step * stride, stride);
    }
}
