namespace Roma.Corruptions.Operators;

/// <summary>Filters of movements.</summary>
internal static class Trace
{
    private const int Samples = 512;

    /// <summary>The time that a point spends near each pixel; the weights sum to 1.</summary>
    /// <param name="path">Where it is at a time 0..1, relative to the filter's centre.</param>
    public static IReadOnlyList<Tap> Taps(Func<double, (double X, double Y)> path)
    {
        var points = new (double X, double Y)[Samples];
        double reach = 0;
        for (int i = 0; i < Samples; i++)
        {
            points[i] = path((i + 0.5) / Samples);
            reach = Math.Max(reach, Math.Max(Math.Abs(points[i].X), Math.Abs(points[i].Y)));
        }
        int radius = (int)Math.Floor(reach) + 1, side = 2 * radius + 1;
        double[] kernel = new double[side * side];
        foreach ((double x, double y) in points)
        {
            (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
            (double right, double bottom) = (x - left, y - top);
            int at = (top + radius) * side + left + radius;
            kernel[at] += (1 - right) * (1 - bottom) / Samples;
            kernel[at + 1] += right * (1 - bottom) / Samples;
            kernel[at + side] += (1 - right) * bottom / Samples;
            kernel[at + side + 1] += right * bottom / Samples;
        }
        return Sparse(kernel);
    }

    /// <summary>The weights of a square kernel that count: together they lack less than a thousandth.</summary>
    public static IReadOnlyList<Tap> Sparse(double[] kernel)
    {
        int side = (int)Math.Sqrt(kernel.Length);
        double negligible = 1e-3 / kernel.Length;
        double total = kernel.Where(weight => weight > negligible).Sum();
        return [.. kernel.Index().Where(cell => cell.Item > negligible).Select(cell => new Tap(cell.Index % side - side / 2, cell.Index / side - side / 2, cell.Item / total))];
    }
}
