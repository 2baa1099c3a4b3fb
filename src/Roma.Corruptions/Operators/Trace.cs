namespace Roma.Corruptions.Operators;

/// <summary>Kernels of movements.</summary>
internal static class Trace
{
    private const int Samples = 512;

    /// <summary>A square kernel with sum 1 of the time that a point spends near each pixel.</summary>
    /// <param name="path">Where it is at a time 0..1, relative to the kernel's centre.</param>
    public static float[] Kernel(Func<double, (double X, double Y)> path)
    {
        var points = new (double X, double Y)[Samples];
        double reach = 0;
        for (int i = 0; i < Samples; i++)
        {
            points[i] = path((i + 0.5) / Samples);
            reach = Math.Max(reach, Math.Max(Math.Abs(points[i].X), Math.Abs(points[i].Y)));
        }
        int radius = (int)Math.Floor(reach) + 1, side = 2 * radius + 1;
        float[] kernel = new float[side * side];
        foreach ((double x, double y) in points)
        {
            (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
            (double right, double bottom) = (x - left, y - top);
            int at = (top + radius) * side + left + radius;
            kernel[at] += (float)((1 - right) * (1 - bottom) / Samples);
            kernel[at + 1] += (float)(right * (1 - bottom) / Samples);
            kernel[at + side] += (float)((1 - right) * bottom / Samples);
            kernel[at + side + 1] += (float)(right * bottom / Samples);
        }
        return kernel;
    }
}
