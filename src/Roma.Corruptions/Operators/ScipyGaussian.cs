using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Roma.Corruptions.Operators;

/// <summary>
/// SciPy's Gaussian filter in double precision, in its order of operations: down, then across, from the middle tap and then the outermost pair inwards. On constant
/// paper the last bit decides between two levels where fractions are cut off, and only the same order gives the same bit.
/// </summary>
internal static class ScipyGaussian
{
    /// <summary>Blurs interleaved values in place.</summary>
    /// <param name="values">width * height * channels values.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">Values a pixel.</param>
    /// <param name="sigma">Standard deviations across and down, in pixels; 0 leaves that direction as it is.</param>
    /// <param name="truncate">Where the kernel is cut off, in standard deviations.</param>
    /// <param name="border">What lies outside; not a constant.</param>
    public static void Blur(Span<double> values, int width, int height, int channels, (double X, double Y) sigma, double truncate, Border border)
    {
        int row = width * channels;
        if (sigma.Y > 0)
        {
            double[] taps = Kernel(sigma.Y, truncate);
            using Scratch<double> source = new(values.Length);
            values.CopyTo(source.Span);
            for (int y = 0; y < height; y++)
            {
                Span<double> target = values.Slice(y * row, row);
                Start(source.Span.Slice(y * row, row), taps[0], target);
                for (int k = taps.Length - 1; k > 0; k--)
                    AddPair(source.Span.Slice(border.Index(y - k, height) * row, row), source.Span.Slice(border.Index(y + k, height) * row, row), taps[k], target);
            }
        }
        if (sigma.X > 0)
        {
            double[] taps = Kernel(sigma.X, truncate);
            int reach = taps.Length - 1;
            using Scratch<double> padded = new(row + 2 * reach * channels);
            for (int y = 0; y < height; y++)
            {
                Span<double> target = values.Slice(y * row, row), line = padded.Span;
                for (int x = -reach; x < width + reach; x++)
                    target.Slice(border.Index(x, width) * channels, channels).CopyTo(line[((x + reach) * channels)..]);
                Start(line.Slice(reach * channels, row), taps[0], target);
                for (int k = reach; k > 0; k--)
                    AddPair(line.Slice((reach - k) * channels, row), line.Slice((reach + k) * channels, row), taps[k], target);
            }
        }
    }

    // The middle tap and those to one side.
    private static double[] Kernel(double sigma, double truncate)
    {
        int reach = OpenCvFilters.Reach(sigma, truncate);
        double[] kernel = new double[2 * reach + 1];
        for (int i = 0; i < kernel.Length; i++)
            kernel[i] = Math.Exp(-0.5 / (sigma * sigma) * ((double)(i - reach) * (i - reach)));
        double sum = NumPy.Sum(kernel);
        return [.. kernel.Skip(reach).Select(weight => weight / sum)];
    }

    private static void Start(ReadOnlySpan<double> source, double weight, Span<double> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = source[i] * weight;
    }

    private static void AddPair(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double weight, Span<double> target)
    {
        ref double first = ref MemoryMarshal.GetReference(a), second = ref MemoryMarshal.GetReference(b), to = ref MemoryMarshal.GetReference(target);
        var factor = Vector256.Create(weight);
        nuint i = 0;
        for (; i + 4 <= (nuint)target.Length; i += 4)
            (Vector256.LoadUnsafe(ref to, i) + (Vector256.LoadUnsafe(ref first, i) + Vector256.LoadUnsafe(ref second, i)) * factor).StoreUnsafe(ref to, i);
        for (; i < (nuint)target.Length; i++)
            target[(int)i] += (a[(int)i] + b[(int)i]) * weight;
    }
}
