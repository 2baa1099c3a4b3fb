using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>The mean over a square; the edge is replicated.</summary>
/// <param name="Radius">Half the side less half a pixel, 0 to 500; between whole numbers the outermost pixels count in part.</param>
[Name("box_blur")]
public sealed record BoxBlur(double Radius) : ICorruption
{
    /// <summary>Half the side less half a pixel.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 500, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        int reach = (int)Math.Ceiling(Radius);
        if (reach == Radius)
        {
            Cv2.Blur(input, output, new Size(2 * reach + 1, 2 * reach + 1), borderType: BorderTypes.Replicate);
            return;
        }
        float[] weights = new float[2 * reach + 1];
        Array.Fill(weights, (float)(1 / (2 * Radius + 1)));
        weights[0] = weights[^1] = (float)((Radius - reach + 1) / (2 * Radius + 1));
        using Mat kernel = Mats.Of(weights, weights.Length, 1, MatType.CV_32FC1);
        Cv2.SepFilter2D(input, output, input.Type(), kernel, kernel, borderType: BorderTypes.Replicate);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Radius = Radius * factor };
}
