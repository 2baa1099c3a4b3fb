using System.Runtime.CompilerServices;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Pillow's resizing, to the bit: filters widened by the scale when shrinking, fixed-point weights of 22 bits, the horizontal pass first, rounding to bytes between
/// the passes.
/// </summary>
internal static class PillowResize
{
    private const int FractionBits = 22, Channels = 3;

    /// <summary>The resized picture.</summary>
    public static RgbImage Apply(RgbImage image, int width, int height, PillowFilter filter)
    {
        if (filter == PillowFilter.Nearest)
            return Nearest(image, width, height);
        if (width == image.Width)
            return height == image.Height ? image.Clone() : Columns(image, height, filter);
        if (height == image.Height)
            return Rows(image, width, filter);
        using RgbImage between = Rows(image, width, filter);
        return Columns(between, height, filter);
    }

    private static RgbImage Nearest(RgbImage image, int width, int height)
    {
        var result = RgbImage.Rent(width, height);
        using Scratch<int> columns = new(width), rows = new(height);
        NearestIndices(image.Width, columns.Span);
        NearestIndices(image.Height, rows.Span);
        int row = width * Channels;
        for (int y = 0; y < height; y++)
        {
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            if (y > 0 && rows.Span[y] == rows.Span[y - 1])
            {
                result.Pixels.AsSpan((y - 1) * row, row).CopyTo(to);
                continue;
            }
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(rows.Span[y] * image.Width * Channels, image.Width * Channels);
            int at = 0;
            foreach (int column in columns.Span)
            {
                ReadOnlySpan<byte> source = from.Slice(column * Channels, Channels);
                (to[at], to[at + 1], to[at + 2]) = (source[0], source[1], source[2]);
                at += Channels;
            }
        }
        return result;
    }

    private static void NearestIndices(int from, Span<int> indices)
    {
        double scale = (double)from / indices.Length, position = scale / 2; // accumulated as Pillow does: multiplication would round differently at ties
        for (int i = 0; i < indices.Length; i++, position += scale)
            indices[i] = Math.Min((int)position, from - 1);
    }

    private static RgbImage Rows(RgbImage image, int width, PillowFilter filter)
    {
        var result = RgbImage.Rent(width, image.Height);
        using var windows = new Windows(image.Width, width, filter);
        int fromRow = image.Width * Channels;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * fromRow, fromRow);
            Span<byte> to = result.Pixels.AsSpan(y * width * Channels, width * Channels);
            for (int x = 0; x < width; x++, to = to[Channels..])
            {
                ReadOnlySpan<int> weights = windows.Weights(x);
                ReadOnlySpan<byte> source = from.Slice(windows.First(x) * Channels, weights.Length * Channels);
                int r = 1 << (FractionBits - 1), g = r, b = r;
                for (int i = 0, at = 0; i < weights.Length; i++, at += Channels)
                {
                    r += source[at] * weights[i];
                    g += source[at + 1] * weights[i];
                    b += source[at + 2] * weights[i];
                }
                (to[0], to[1], to[2]) = (ToByte(r), ToByte(g), ToByte(b));
            }
        }
        return result;
    }

    private static RgbImage Columns(RgbImage image, int height, PillowFilter filter)
    {
        var result = RgbImage.Rent(image.Width, height);
        using var windows = new Windows(image.Height, height, filter);
        int row = image.Width * Channels;
        using var sums = new Scratch<int>(row);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<int> weights = windows.Weights(y);
            sums.Span.Fill(1 << (FractionBits - 1));
            for (int i = 0; i < weights.Length; i++)
                Accumulate(image.Pixels.AsSpan((windows.First(y) + i) * row, row), weights[i], sums.Span);
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < to.Length; x++)
                to[x] = ToByte(sums.Span[x]);
        }
        return result;
    }

    private static void Accumulate(ReadOnlySpan<byte> row, int weight, Span<int> sums)
    {
        sums = sums[..row.Length];
        for (int x = 0; x < row.Length; x++)
            sums[x] += row[x] * weight;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> FractionBits, 0, 255);

    private static double Kernel(PillowFilter filter, double x)
    {
        x = Math.Abs(x);
        return filter switch
        {
            PillowFilter.Bilinear => Math.Max(0, 1 - x),
            PillowFilter.Bicubic => x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0,
            _ => x < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

    private static double Support(PillowFilter filter) => filter switch
    {
        PillowFilter.Box => 0.5,
        PillowFilter.Bilinear => 1,
        PillowFilter.Bicubic => 2,
        _ => 3,
    };

    /// <summary>Which source pixels a target pixel reads, with fixed-point weights.</summary>
    private readonly struct Windows : IDisposable
    {
        private readonly int _room;
        private readonly Scratch<int> _first, _count, _weights;

        public Windows(int from, int to, PillowFilter filter)
        {
            double scale = (double)from / to, widening = Math.Max(scale, 1), reach = Support(filter) * widening;
            _room = (int)Math.Ceiling(reach) * 2 + 1;
            (_first, _count, _weights) = (new(to), new(to), new(checked(to * _room)));
            using var real = new Scratch<double>(_room);
            for (int i = 0; i < to; i++)
            {
                double centre = (i + 0.5) * scale, total = 0;
                int first = Math.Max(0, (int)(centre - reach + 0.5)), count = Math.Min(from, (int)(centre + reach + 0.5)) - first;
                for (int k = 0; k < count; k++)
                {
                    double at = (k + first - centre + 0.5) * (1 / widening);
                    total += real.Span[k] = filter == PillowFilter.Box ? at is > -0.5 and <= 0.5 ? 1 : 0 : Kernel(filter, at);
                }
                (_first.Span[i], _count.Span[i]) = (first, count);
                for (int k = 0; k < count; k++)
                {
                    double weight = real.Span[k] / total * (1 << FractionBits);
                    _weights.Span[i * _room + k] = (int)(weight + (weight < 0 ? -0.5 : 0.5));
                }
            }
        }

        public int First(int target) => _first.Span[target];

        public ReadOnlySpan<int> Weights(int target) => _weights.Span.Slice(target * _room, _count.Span[target]);

        public void Dispose()
        {
            _first.Dispose();
            _count.Dispose();
            _weights.Dispose();
        }
    }
}
