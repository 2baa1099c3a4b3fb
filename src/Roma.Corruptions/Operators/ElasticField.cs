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

    private static unsafe void Coarse(Fields fields, string name, int width, int height, (double X, double Y) sigma, double scale, int cell, Span<float> plane)
    {
        int columns = (width + cell - 1) / cell, rows = (height + cell - 1) / cell;
        using Scratch<float> means = new(columns * rows), smooth = new(columns * rows), draws = new(width), fine = new(columns * cell * rows * cell);
        means.Span.Clear();
        for (int y = 0; y < height; y++)
            AddCells(fields.Read(name, y * width, draws.Span), cell, means.Span.Slice(y / cell * columns, columns));
        for (int y = 0; y < rows; y++)
        {
            int down = Math.Min(cell, height - y * cell);
            for (int x = 0; x < columns; x++)
                means.Span[y * columns + x] = (float)(scale * (2 * means.Span[y * columns + x] / (down * Math.Min(cell, width - x * cell)) - 1));
        }
        double variance = (cell * cell - 1) / 12.0; // of averaging over a cell
        var rest = (X: Math.Sqrt(sigma.X * sigma.X - variance) / cell, Y: Math.Sqrt(sigma.Y * sigma.Y - variance) / cell);
        OpenCvFilters.GaussianBlur<float>(means.Span, smooth.Span, columns, rows, 1, rest, Truncate, BorderTypes.Reflect);
        fixed (float* from = smooth.Span, to = fine.Span)
        {
            using Mat small = OpenCvFilters.Wrap(from, columns, rows, MatType.CV_32FC1), large = OpenCvFilters.Wrap(to, columns * cell, rows * cell, MatType.CV_32FC1);
            Cv2.Resize(small, large, large.Size(), 0, 0, InterpolationFlags.Linear);
        }
        for (int y = 0; y < height; y++)
            fine.Span.Slice(y * columns * cell, width).CopyTo(plane[(y * width)..]);
    }

    private static void AddCells(ReadOnlySpan<float> draws, int cell, Span<float> sums)
    {
        int x = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            float sum = 0;
            for (int end = Math.Min(x + cell, draws.Length); x < end; x++)
                sum += draws[x];
            sums[i] += sum;
        }
    }
}
