using OpenCvSharp;

namespace Roma.Corruptions.Operators;

/// <summary>Uniform noise of -1 to 1 under a wide Gaussian, cut at three standard deviations and mirrored at the border: the displacements of elastic distortions.</summary>
internal static class ElasticField
{
    private const double Truncate = 3, FinestSigma = 2;

    /// <summary>Fills a plane.</summary>
    /// <param name="fields">Holds the draws in [0, 1), one a pixel.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="sigma">Standard deviations across and down, in pixels.</param>
    /// <param name="scale">What the result is multiplied by.</param>
    /// <param name="fidelity">Parity sums all draws in double precision; rounding first averages them over cells so small that the Gaussian hides them.</param>
    /// <param name="plane">width * height values.</param>
    public static void Fill(Fields fields, string name, int width, int height, (double X, double Y) sigma, double scale, Fidelity fidelity, Span<float> plane)
    {
        int cell = Math.Max(1, (int)(Math.Min(sigma.X, sigma.Y) / FinestSigma));
        if (fidelity == Fidelity.Parity)
            Exact(fields, name, width, height, sigma, scale, plane);
        else if (cell == 1)
            Blur(fields, name, width, height, sigma, scale, plane);
        else
            Coarse(fields, name, width, height, sigma, scale, cell, plane);
    }

    private static void Exact(Fields fields, string name, int width, int height, (double X, double Y) sigma, double scale, Span<float> plane)
    {
        using Scratch<double> values = new(plane.Length);
        fields.Read(name, 0, plane).CopyTo(plane);
        for (int i = 0; i < plane.Length; i++)
            values.Span[i] = 2.0 * plane[i] - 1;
        ScipyGaussian.Blur(values.Span, width, height, 1, sigma, Truncate, Border.Reflect);
        for (int i = 0; i < plane.Length; i++)
            plane[i] = (float)(values.Span[i] * scale);
    }

    private static void Blur(Fields fields, string name, int width, int height, (double X, double Y) sigma, double scale, Span<float> plane)
    {
        using Scratch<float> sharp = new(plane.Length);
        fields.Read(name, 0, sharp.Span).CopyTo(sharp.Span);
        OpenCvFilters.GaussianBlur<float>(sharp.Span, plane, width, height, 1, sigma, Truncate, BorderTypes.Reflect);
        for (int i = 0; i < plane.Length; i++)
            plane[i] = (2 * plane[i] - 1) * (float)scale;
    }

    // Every draw goes to the cells around it by its distance from their centres, and every pixel takes from them likewise: two triangles, whose variance is taken off the Gaussian.
    private static unsafe void Coarse(Fields fields, string name, int width, int height, (double X, double Y) sigma, double scale, int cell, Span<float> plane)
    {
        int columns = Math.Max(1, width / cell), rows = Math.Max(1, height / cell);
        using Scratch<float> cells = new(columns * rows), smooth = new(columns * rows), row = new(columns), draws = new(width);
        using Shares across = new(width, columns), down = new(height, rows);
        cells.Span.Clear();
        for (int y = 0; y < height; y++)
        {
            across.Collect(fields.Read(name, y * width, draws.Span), row.Span);
            (int upper, float share) = (down.First(y), down.Second(y));
            Add(row.Span, 1 - share, cells.Span.Slice(Math.Max(upper, 0) * columns, columns));
            Add(row.Span, share, cells.Span.Slice(Math.Min(upper + 1, rows - 1) * columns, columns));
        }
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
                cells.Span[y * columns + x] = (float)(scale * (2 * cells.Span[y * columns + x] / (down.Sum(y) * across.Sum(x)) - 1));
        OpenCvFilters.GaussianBlur<float>(cells.Span, smooth.Span, columns, rows, 1, (Rest(sigma.X, width / (double)columns), Rest(sigma.Y, height / (double)rows)), Truncate, BorderTypes.Reflect);
        fixed (float* from = smooth.Span, to = plane)
        {
            using Mat small = Mats.Of(from, columns, rows, MatType.CV_32FC1), large = Mats.Of(to, width, height, MatType.CV_32FC1);
            Cv2.Resize(small, large, large.Size(), 0, 0, InterpolationFlags.Linear);
        }
    }

    private static double Rest(double sigma, double cell) => Math.Sqrt(sigma * sigma - (cell * cell - 1) / 3) / cell;

    private static void Add(ReadOnlySpan<float> row, float weight, Span<float> sums)
    {
        for (int x = 0; x < sums.Length; x++)
            sums[x] += row[x] * weight;
    }

    /// <summary>How pixels of a side share themselves between cells; cells beyond the border are mirrored into it.</summary>
    private readonly struct Shares : IDisposable
    {
        private readonly Scratch<int> _first;
        private readonly Scratch<float> _second, _sums;

        public Shares(int pixels, int cells)
        {
            (_first, _second, _sums) = (new(pixels), new(pixels), new(cells));
            _sums.Span.Clear();
            for (int i = 0; i < pixels; i++)
            {
                double place = (i + 0.5) * cells / pixels - 0.5, whole = Math.Floor(place);
                (_first.Span[i], _second.Span[i]) = ((int)whole, (float)(place - whole));
                _sums.Span[Math.Max((int)whole, 0)] += 1 - _second.Span[i];
                _sums.Span[Math.Min((int)whole + 1, cells - 1)] += _second.Span[i];
            }
        }

        public int First(int pixel) => _first.Span[pixel];

        public float Second(int pixel) => _second.Span[pixel];

        public float Sum(int cell) => _sums.Span[cell];

        public void Collect(ReadOnlySpan<float> values, Span<float> cells)
        {
            cells.Clear();
            ReadOnlySpan<int> first = _first.Span;
            ReadOnlySpan<float> second = _second.Span[..first.Length];
            int current = 0;
            float left = 0, right = 0; // of the current cell and the one after it
            for (int i = 0; i < first.Length; i++)
            {
                int cell = first[i];
                if (cell != current)
                {
                    cells[Math.Max(current, 0)] += left;
                    cells[Math.Min(current + 1, cells.Length - 1)] += right;
                    (current, left, right) = (cell, 0, 0);
                }
                float share = second[i] * values[i];
                (left, right) = (left + values[i] - share, right + share);
            }
            cells[Math.Max(current, 0)] += left;
            cells[Math.Min(current + 1, cells.Length - 1)] += right;
        }

        public void Dispose()
        {
            _first.Dispose();
            _second.Dispose();
            _sums.Dispose();
        }
    }
}
