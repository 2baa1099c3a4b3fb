using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>A palette fitted to a picture (Heckbert's median cut on colours of 5 bits a channel: the box of the largest spread times count is cut at its median).</summary>
internal sealed class MedianCut
{
    private const int Bits = 5, Side = 1 << Bits, Cells = Side * Side * Side;
    private readonly ushort[] _nearest = new ushort[Cells]; // index + 1, found when it is first asked for
    private readonly List<Rgb> _colours = [];

    /// <summary>Fits at most so many colours, 2 to 256.</summary>
    public MedianCut(RgbImage image, int colours)
    {
        using var counts = new Scratch<int>(Cells);
        counts.Span.Clear();
        ReadOnlySpan<byte> pixels = image.Pixels;
        for (int i = 0; i + 2 < pixels.Length; i += 3)
            counts.Array[Cell(pixels[i], pixels[i + 1], pixels[i + 2])]++;
        var used = new List<int>();
        for (int cell = 0; cell < Cells; cell++)
        {
            if (counts.Array[cell] > 0)
                used.Add(cell);
        }
        Cut([.. used], counts.Array, colours);
    }

    /// <summary>The fitted colour nearest to a colour.</summary>
    public Rgb Nearest(int r, int g, int b)
    {
        ref ushort nearest = ref _nearest[Cell(r, g, b)];
        if (nearest == 0)
            nearest = (ushort)(1 + IndexOfNearest(Cell(r, g, b)));
        return _colours[nearest - 1];
    }

    private static int Cell(int r, int g, int b) => (r >> 8 - Bits) << 2 * Bits | (g >> 8 - Bits) << Bits | b >> 8 - Bits;

    private static int Channel(int cell, int channel) => cell >> Bits * (2 - channel) & Side - 1;

    private void Cut(int[] cells, int[] counts, int colours)
    {
        var boxes = new List<(int Start, int End, long Weight, int Channel)> { Measure(cells, 0, cells.Length, counts) };
        while (boxes.Count < colours)
        {
            int widest = boxes.IndexOf(boxes.MaxBy(box => box.Weight));
            (int start, int end, long weight, int channel) = boxes[widest];
            if (weight == 0)
                break; // every box is a single cell
            Array.Sort(cells, start, end - start, Comparer<int>.Create((a, b) => Channel(a, channel) != Channel(b, channel) ? Channel(a, channel).CompareTo(Channel(b, channel)) : a.CompareTo(b)));
            long half = 0, total = 0;
            for (int i = start; i < end; i++)
                total += counts[cells[i]];
            int middle = start;
            while (middle < end - 1 && (middle == start || half + counts[cells[middle]] <= total / 2))
                half += counts[cells[middle++]];
            boxes[widest] = Measure(cells, start, middle, counts);
            boxes.Add(Measure(cells, middle, end, counts));
        }
        foreach ((int start, int end, _, _) in boxes)
            _colours.Add(Average(cells.AsSpan(start, end - start), counts));
    }

    private static (int Start, int End, long Weight, int Channel) Measure(int[] cells, int start, int end, int[] counts)
    {
        (int spread, int channel, long total) = (0, 0, 0);
        for (int i = start; i < end; i++)
            total += counts[cells[i]];
        for (int c = 0; c < 3; c++)
        {
            (int low, int high) = (Side, -1);
            for (int i = start; i < end; i++)
                (low, high) = (Math.Min(low, Channel(cells[i], c)), Math.Max(high, Channel(cells[i], c)));
            if (high - low > spread)
                (spread, channel) = (high - low, c);
        }
        return (start, end, spread * total, channel);
    }

    private static Rgb Average(ReadOnlySpan<int> cells, int[] counts)
    {
        double r = 0, g = 0, b = 0, total = 0;
        foreach (int cell in cells)
        {
            double count = counts[cell];
            (r, g, b, total) = (r + count * Channel(cell, 0), g + count * Channel(cell, 1), b + count * Channel(cell, 2), total + count);
        }
        static byte Level(double value) => (byte)Math.Round(value * 255 / (Side - 1));
        return new(Level(r / total), Level(g / total), Level(b / total));
    }

    private int IndexOfNearest(int cell)
    {
        (int r, int g, int b) = (Level(cell, 0), Level(cell, 1), Level(cell, 2));
        (int best, int least) = (0, int.MaxValue);
        for (int i = 0; i < _colours.Count; i++)
        {
            (int dr, int dg, int db) = (_colours[i].R - r, _colours[i].G - g, _colours[i].B - b);
            int distance = 2 * dr * dr + 4 * dg * dg + 3 * db * db; // the eye's weights, roughly
            if (distance < least)
                (best, least) = (i, distance);
        }
        return best;

        static int Level(int cell, int channel) => Channel(cell, channel) * 255 / (Side - 1);
    }
}
