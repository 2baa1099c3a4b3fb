using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>The mean of enlarged copies, as when zooming while exposing; the sharp picture counts twice.</summary>
/// <param name="Step">By how much each copy is larger than the one before, above 0 to 1.</param>
/// <param name="Layers">How many copies, the first of which is the picture itself, 1 to 100.</param>
[Name("zoom_blur")]
public sealed record ZoomBlur(double Step, int Layers) : ICorruption
{
    private const int Channels = 3;

    /// <summary>By how much each copy is larger than the one before.</summary>
    public double Step { get; init; } = Guard.InRange(Step, 1e-4, 1, "of the size");

    /// <summary>How many copies.</summary>
    public int Layers { get; init; } = Guard.InRange(Layers, 1, 100, "copies");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (image.Width, image.Height);
        var rows = new ScipyZoom[Layers - 1];
        using Scratch<int> first = new(rows.Length * width);
        using Scratch<float> weight = new(rows.Length * width);
        double step = 1 + Step - 1; // as NumPy's arange rounds it
        for (int i = 0; i < rows.Length; i++)
        {
            double factor = 1 + (i + 1) * step;
            rows[i] = ScipyZoom.OfMiddle(height, factor);
            var columns = ScipyZoom.OfMiddle(width, factor);
            for (int x = 0; x < width; x++)
            {
                (int column, double w) = columns.At(x);
                (first.Span[i * width + x], weight.Span[i * width + x]) = (column * Channels, (float)w);
            }
        }
        var result = RgbImage.Rent(width, height);
        using Scratch<float> line = new(width * Channels + 4), sums = new(width * 4);
        for (int y = 0; y < height; y++)
        {
            Start(image.Pixels.AsSpan(y * width * Channels, width * Channels), sums.Span);
            for (int i = 0; i < rows.Length; i++)
            {
                (int row, double w) = rows[i].At(y);
                ReadOnlySpan<byte> upper = image.Pixels.AsSpan(row * width * Channels, width * Channels);
                Mix(upper, w > 0 ? image.Pixels.AsSpan((row + 1) * width * Channels, width * Channels) : upper, (float)w, line.Span);
                Add(line.Span, first.Span.Slice(i * width, width), weight.Span.Slice(i * width, width), sums.Span);
            }
            Finish(sums.Span, 1f / (Layers + 1), Levels.Offset(fidelity), result.Pixels.AsSpan(y * width * Channels, width * Channels));
        }
        return result;
    }

    // The sharp picture, twice, one pixel in four floats.
    private static void Start(ReadOnlySpan<byte> row, Span<float> sums)
    {
        for (int i = 0, at = 0; i + 2 < row.Length; i += Channels, at += 4)
            (sums[at], sums[at + 1], sums[at + 2], sums[at + 3]) = (2f * row[i], 2f * row[i + 1], 2f * row[i + 2], 0);
    }

    private static void Mix(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, float weight, Span<float> line)
    {
        lower = lower[..upper.Length];
        var share = Vector256.Create(weight);
        int i = 0;
        for (; i + 16 <= upper.Length; i += 16)
        {
            (Vector256<float> a, Vector256<float> b) = Levels.Widen(Vector128.Create(upper[i..]));
            (Vector256<float> c, Vector256<float> d) = Levels.Widen(Vector128.Create(lower[i..]));
            Vector256.FusedMultiplyAdd(c - a, share, a).CopyTo(line[i..]);
            Vector256.FusedMultiplyAdd(d - b, share, b).CopyTo(line[(i + 8)..]);
        }
        for (; i < upper.Length; i++)
            line[i] = upper[i] + (lower[i] - upper[i]) * weight;
        line.Slice(upper.Length, 4).Clear();
    }

    private static void Add(ReadOnlySpan<float> line, ReadOnlySpan<int> first, ReadOnlySpan<float> weight, Span<float> sums)
    {
        ref float from = ref MemoryMarshal.GetReference(line), to = ref MemoryMarshal.GetReference(sums);
        weight = weight[..first.Length];
        for (int x = 0; x < first.Length; x++)
        {
            ref float source = ref Unsafe.Add(ref from, first[x]);
            Vector128<float> a = Vector128.LoadUnsafe(ref source), b = Vector128.LoadUnsafe(ref source, Channels);
            (Vector128.LoadUnsafe(ref to, (nuint)(4 * x)) + Vector128.FusedMultiplyAdd(b - a, Vector128.Create(weight[x]), a)).StoreUnsafe(ref to, (nuint)(4 * x));
        }
    }

    private static void Finish(ReadOnlySpan<float> sums, float share, float offset, Span<byte> row)
    {
        for (int i = 0, at = 0; i + 2 < row.Length; i += Channels, at += 4)
        {
            Vector128<int> levels = Vector128.ConvertToInt32Native(Vector128.Create<float>(sums[at..]) * share + Vector128.Create(offset));
            (row[i], row[i + 1], row[i + 2]) = ((byte)levels[0], (byte)levels[1], (byte)levels[2]);
        }
    }
}
