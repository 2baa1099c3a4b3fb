using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>As <see cref="Binarise"/>, with Sauvola's threshold of each pixel's surroundings: m (1 + 0.2 (s / 128 - 1)) with their mean m and standard deviation s.</summary>
/// <param name="Gain">Slope of the curve, 1 to 1000.</param>
/// <param name="Window">Side of the surroundings in pixels, 3 to 1000.</param>
[Name("adaptive_binarise")]
public sealed record AdaptiveBinarise(double Gain, double Window) : ICorruption
{
    private const float K = 0.2f, Range = 128;

    /// <summary>Slope of the curve.</summary>
    public double Gain { get; init; } = Guard.InRange(Gain, 1, 1000, "(slope)");

    /// <summary>Side of the surroundings in pixels.</summary>
    public double Window { get; init; } = Guard.InRange(Window, 3, 1000, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        int count = image.Width * image.Height, side = 2 * (int)Math.Round(Window / 2) + 1;
        using var gray = new Scratch<byte>(count);
        using Scratch<float> mean = new(count), square = new(count);
        ColourMatrix.Gray(image, gray.Span);
        using (Mat input = Mats.Of(gray.Array, image.Width, image.Height, MatType.CV_8UC1), m = Mats.Of(mean.Array, image.Width, image.Height, MatType.CV_32FC1), s = Mats.Of(square.Array, image.Width, image.Height, MatType.CV_32FC1))
        {
            Cv2.BoxFilter(input, m, MatType.CV_32F, new Size(side, side), borderType: BorderTypes.Replicate);
            Cv2.SqrBoxFilter(input, s, MatType.CV_32F, new Size(side, side), borderType: BorderTypes.Replicate);
        }
        Span<byte> levels = gray.Span;
        ReadOnlySpan<float> means = mean.Span, squares = square.Span;
        (float gain, float part) = ((float)Gain, (float)(1 / Gain));
        for (int i = 0; i < levels.Length; i++)
        {
            float deviation = MathF.Sqrt(Math.Max(0, squares[i] - means[i] * means[i])), threshold = means[i] * (1 + K * (deviation / Range - 1));
            levels[i] = Layers.ToByte(gain * (levels[i] - threshold) + threshold * part + 127.5f * (1 - part));
        }
        return ColourMatrix.OfGray(image.Width, image.Height, levels);
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Window = Math.Max(3, Window * factor) };
}
