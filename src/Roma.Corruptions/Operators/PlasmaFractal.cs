using System.Numerics;

namespace Roma.Corruptions.Operators;

/// <summary>A cloud-like map on a torus by midpoint displacement (the diamond-square algorithm), as the fog of ImageNet-C has it.</summary>
internal static class PlasmaFractal
{
    /// <summary>The side of the map for a picture: the next power of two of its longer side.</summary>
    public static int Side(int width, int height) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(width, height));

    /// <summary>Fills a map with values 0..1.</summary>
    /// <param name="uniform">side * side - 1 draws in [0, 1): level by level the squares' centres, then the middles of their upper, then of their left edges, row by row.</param>
    /// <param name="side">A power of two.</param>
    /// <param name="decay">How much finer levels are damped, above 1: smaller is rougher.</param>
    /// <param name="map">side * side values, row by row.</param>
    public static void Fill(ReadOnlySpan<float> uniform, int side, double decay, Span<double> map)
    {
        map[0] = 0;
        double amplitude = 100; // both factor and range in the reference, so its square counts
        for (int step = side; step >= 2; step /= 2, amplitude /= decay)
        {
            int half = step / 2;
            double scale = amplitude * amplitude;
            uniform = Displace(uniform, map, side, step, half, half, scale, (0, 0), (0, step), (step, 0), (step, step));
            uniform = Displace(uniform, map, side, step, 0, half, scale, (half, half), (-half, half), (0, 0), (0, step));
            uniform = Displace(uniform, map, side, step, half, 0, scale, (half, half), (half, -half), (0, 0), (step, 0));
        }
        double low = double.MaxValue, high = double.MinValue;
        foreach (double value in map)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        double range = high > low ? high - low : 1;
        foreach (ref double value in map)
            value = (value - low) / range;
    }

    // The points (row + k step, column + l step) become the mean of four neighbours, given relative to the cell's corner, plus a draw.
    private static ReadOnlySpan<float> Displace(
        ReadOnlySpan<float> uniform, Span<double> map, int side, int step, int row, int column, double scale, params ReadOnlySpan<(int Y, int X)> neighbours)
    {
        int at = 0, mask = side - 1;
        for (int y = 0; y < side; y += step)
        {
            for (int x = 0; x < side; x += step)
            {
                double sum = 0;
                foreach ((int dy, int dx) in neighbours)
                    sum += map[((y + dy) & mask) * side + ((x + dx) & mask)];
                map[(y + row) * side + x + column] = sum / 4 + scale * (2.0 * uniform[at++] - 1);
            }
        }
        return uniform[at..];
    }
}
