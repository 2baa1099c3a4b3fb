namespace Roma.Corruptions.Operators;

/// <summary>
/// Linear enlargement whose corners stay in place, as SciPy's zoom of order 1, of the middle of a picture, as the helper of imagecorruptions cuts it: the excess over the
/// picture's size, from rounding up, lies at the right and bottom.
/// </summary>
/// <param name="Size">The picture's side.</param>
/// <param name="Start">The first pixel of the part that is enlarged.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Enlarged">How many they become.</param>
internal readonly record struct ScipyZoom(int Size, int Start, int Count, int Enlarged)
{
    /// <summary>The middle of a side, enlarged to at least the side.</summary>
    public static ScipyZoom OfMiddle(int size, double factor)
    {
        int count = (int)Math.Ceiling(size / factor);
        return new(size, (size - count) / 2, count, (int)Math.Round(count * factor));
    }

    /// <summary>A whole side.</summary>
    public static ScipyZoom Of(int size, double factor) => new(size, 0, size, (int)Math.Round(size * factor));

    /// <summary>Where a target pixel lies between two source pixels: the first one (the second may not exist where the weight is 0), and the second one's weight.</summary>
    public (int First, double Weight) At(int target)
    {
        double place = Place(target);
        int first = Math.Min((int)place, Math.Max(Count - 2, 0));
        return (Start + first, Count > 1 ? Math.Min(place - first, 1) : 0);
    }

    /// <summary>Whether SciPy's rounding puts the last pixel an ulp outside the picture, where it reads 0.</summary>
    public bool Misses(int target) => Place(target) > Count - 1;

    /// <summary>Enlarges a plane, as SciPy does to the last slip.</summary>
    /// <param name="source">Rows of the picture's width.</param>
    /// <param name="columns">Across.</param>
    /// <param name="rows">Down.</param>
    /// <param name="target">The enlarged plane, in full.</param>
    public static void Plane(Func<int, ReadOnlyMemory<float>> source, ScipyZoom columns, ScipyZoom rows, Span<float> target)
    {
        using Scratch<int> first = new(columns.Enlarged);
        using Scratch<float> weight = new(columns.Enlarged);
        for (int x = 0; x < columns.Enlarged; x++)
        {
            (first.Span[x], double w) = columns.At(x);
            weight.Span[x] = (float)w;
        }
        bool cut = columns.Misses(columns.Enlarged - 1);
        for (int y = 0; y < rows.Enlarged; y++)
        {
            (int row, double w) = rows.At(y);
            float down = (float)w;
            ReadOnlySpan<float> upper = source(row).Span, lower = w > 0 ? source(row + 1).Span : upper;
            Span<float> to = target.Slice(y * columns.Enlarged, columns.Enlarged);
            for (int x = 0; x < to.Length; x++)
            {
                int a = first.Span[x], b = Math.Min(a + 1, columns.Size - 1);
                float across = weight.Span[x], top = upper[a] + (upper[b] - upper[a]) * across, bottom = lower[a] + (lower[b] - lower[a]) * across;
                to[x] = top + (bottom - top) * down;
            }
            if (cut)
                to[^1] = 0;
            if (rows.Misses(y))
                to.Clear();
        }
    }

    private double Place(int target) => Enlarged > 1 ? target * ((Count - 1) / (double)(Enlarged - 1)) : 0;
}
