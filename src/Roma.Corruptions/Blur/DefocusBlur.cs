using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>A disk, its rim softened by a small normal kernel; the edge is mirrored.</summary>
/// <param name="Radius">Radius of the disk in pixels, 0 to 100.</param>
/// <param name="Softness">Standard deviation that softens the rim, in pixels, 0 to 20.</param>
[Name("defocus_blur")]
public sealed record DefocusBlur(double Radius, double Softness) : ICorruption
{
    private const double Negligible = 1e-12;

    /// <summary>Radius of the disk in pixels.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 100, "pixels");

    /// <summary>Standard deviation that softens the rim, in pixels.</summary>
    public double Softness { get; init; } = Guard.InRange(Softness, 0, 20, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        if (fidelity == Fidelity.Parity || !double.IsInteger(Radius)) // running sums know whole pixels alone
            return TapFilter.Apply(image, Kernel(), Border.Reflect101, fidelity);
        if (Softness < 0.2)
            return DiskFilter.Apply(image, Radius);
        using RgbImage soft = OpenCvFilters.GaussianBlur(image, Softness);
        return DiskFilter.Apply(soft, Radius);
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Radius = Radius * factor, Softness = Softness * factor };

    /// <summary>
    /// The kernel of imagecorruptions, for parity: softened after it was normalised, on a grid whose border mirrors, so that it sums to a little more than 1 where the disk
    /// touches the border (1.013 at radius 8, 1.011 at 10).
    /// </summary>
    internal List<Tap> Kernel()
    {
        int reach = (int)Math.Ceiling(Math.Max(Radius, 8)), side = 2 * reach + 1;
        double[] disk = new double[side * side];
        double total = 0;
        for (int i = 0; i < disk.Length; i++)
            total += disk[i] = Cover(Math.Sqrt(Square(i % side - reach) + Square(i / side - reach)));
        float[] rim = Rim(Radius <= 8 ? 1 : 2);
        double[] soft = Smooth(Smooth(disk, side, rim, 1, 0), side, rim, 0, 1);
        var taps = new List<Tap>();
        for (int i = 0; i < soft.Length; i++)
        {
            if ((float)(soft[i] / total) is var weight && weight > Negligible)
                taps.Add(new Tap(i % side - reach, i / side - reach, weight));
        }
        return taps;
    }

    // Whole radii have the reference's hard rim; between them pixels on the rim count in part, so that scaled disks grow smoothly.
    private double Cover(double distance) => double.IsInteger(Radius) ? distance <= Radius ? 1 : 0 : Math.Clamp(Radius + 0.5 - distance, 0, 1);

    private float[] Rim(int reach)
    {
        double[] weights = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(x => Softness > 0 ? Math.Exp(-Square(x) / (2 * Square(Softness))) : x == 0 ? 1 : 0)];
        return [.. weights.Select(weight => (float)(weight / weights.Sum()))];
    }

    private static double[] Smooth(double[] grid, int side, float[] weights, int dx, int dy)
    {
        double[] result = new double[grid.Length];
        for (int i = 0; i < grid.Length; i++)
        {
            for (int k = 0; k < weights.Length; k++)
            {
                int shift = k - weights.Length / 2;
                result[i] += weights[k] * grid[Border.Reflect101.Index(i / side + shift * dy, side) * side + Border.Reflect101.Index(i % side + shift * dx, side)];
            }
        }
        return result;
    }

    private static double Square(double x) => x * x;
}
