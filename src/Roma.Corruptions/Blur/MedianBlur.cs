using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>Each channel's median over a square: thin strokes vanish and edges stay.</summary>
/// <param name="Radius">Half the side less half a pixel, 0 to 127; between whole numbers two results are mixed.</param>
[Name("median_blur")]
public sealed record MedianBlur(double Radius) : ICorruption
{
    /// <summary>Half the side less half a pixel.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 127, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        int radius = Math.Min((int)Radius, 127); // OpenCV's limit
        double rest = Math.Min(Radius, 127) - radius;
        Cv2.MedianBlur(input, output, 2 * radius + 1);
        if (rest == 0)
            return;
        using var wider = new Mat();
        Cv2.MedianBlur(input, wider, 2 * radius + 3);
        Cv2.AddWeighted(output, 1 - rest, wider, rest, 0, output);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Radius = Radius * factor };
}
