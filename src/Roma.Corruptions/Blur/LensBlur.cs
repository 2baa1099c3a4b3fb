using OpenCvSharp;
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
        byte[] pixels = image.Pixels;
        using var light = new Scratch<float>(pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
            light.Array[i] = ToLight[pixels[i]];
        using Mat input = Mats.Of(light.Array, image.Width, image.Height, MatType.CV_32FC3), output = new();
        Mats.Correlate(input, output, Hexagon());
        return FromLight(output, image.Width, image.Height);
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Radius = Radius * factor };

    private static unsafe RgbImage FromLight(Mat light, int width, int height)
    {
        var result = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> from = new(light.Ptr(y).ToPointer(), width * 3);
            Span<byte> to = result.Pixels.AsSpan(y * width * 3, width * 3);
            for (int x = 0; x < to.Length; x++)
                to[x] = ToLevel[(int)(Math.Clamp(from[x], 0, Steps - 1) + 0.5f)];
        }
        return result;
    }

    // The share of each pixel that the hexagon covers, from 4x4 samples.
    private float[] Hexagon()
    {
        int reach = (int)Math.Ceiling(Radius), side = 2 * reach + 1;
        float[] kernel = new float[side * side];
        double edge = (Radius + 0.5) * Math.Sqrt(0.75), total = 0;
        for (int i = 0; i < side * Samples; i++)
        {
            for (int j = 0; j < side * Samples; j++)
            {
                (double x, double y) = (Math.Abs((j + 0.5) / Samples - side / 2.0), Math.Abs((i + 0.5) / Samples - side / 2.0));
                if (y > edge || x * Math.Sqrt(0.75) + y / 2 > edge)
                    continue;
                kernel[i / Samples * side + j / Samples]++;
                total++;
            }
        }
        for (int i = 0; i < kernel.Length; i++)
            kernel[i] /= (float)total;
        return kernel;
    }
}
