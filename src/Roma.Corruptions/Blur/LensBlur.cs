using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>Out of focus through a hexagonal aperture, computed on amounts of light, so that bright dots become bright hexagons (bokeh); the edge is mirrored.</summary>
/// <param name="Radius">From the hexagon's centre to its corners in pixels, 0 to 200.</param>
[Name("lens_blur")]
public sealed record LensBlur(double Radius) : ICorruption
{
    private const double Gamma = 2.2;
    private const int Steps = 1 << 16, Samples = 4;
    private static readonly float[] ToLight = [.. Enumerable.Range(0, 256).Select(level => (float)((Steps - 1) * Math.Pow(level / 255.0, Gamma)))];
    private static readonly byte[] ToLevel = [.. Enumerable.Range(0, Steps).Select(step => (byte)Math.Round(255 * Math.Pow(step / (Steps - 1.0), 1 / Gamma)))];

    /// <summary>From the hexagon's centre to its corners in pixels.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 200, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = 3 * image.Width;
        TapFilter.Apply<float>(image.Width, image.Height, 3, Hexagon(), Border.Reflect101, (y, light) =>
        {
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < from.Length; x++)
                light[x] = ToLight[from[x]];
        }, (y, light) =>
        {
            Span<byte> to = result.Pixels.AsSpan(y * row, row);
            for (int x = 0; x < to.Length; x++)
                to[x] = ToLevel[Math.Min((int)(light[x] + 0.5f), Steps - 1)];
        });
        return result;
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Radius = Radius * factor };

    // The share of each pixel that the hexagon covers, from 4x4 samples.
    private IReadOnlyList<Tap> Hexagon()
    {
        int reach = (int)Math.Ceiling(Radius), side = 2 * reach + 1;
        double[] kernel = new double[side * side];
        double edge = (Radius + 0.5) * Math.Sqrt(0.75);
        for (int i = 0; i < side * Samples; i++)
        {
            for (int j = 0; j < side * Samples; j++)
            {
                (double x, double y) = (Math.Abs((j + 0.5) / Samples - side / 2.0), Math.Abs((i + 0.5) / Samples - side / 2.0));
                if (y <= edge && x * Math.Sqrt(0.75) + y / 2 <= edge)
                    kernel[i / Samples * side + j / Samples]++;
            }
        }
        return Trace.Sparse(kernel);
    }
}
