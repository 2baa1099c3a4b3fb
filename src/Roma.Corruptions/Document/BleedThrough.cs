using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>The back of the page shines through: the picture's own mirror image, upside down and blurred, is multiplied onto it as faint ink.</summary>
/// <param name="Strength">How much of the other side's ink shows, 0 to 1.</param>
/// <param name="Sigma">Standard deviation of its blur in pixels, above 0 to 50.</param>
[Name("bleed_through")]
public sealed record BleedThrough(double Strength, double Sigma) : ICorruption
{
    /// <summary>How much of the other side's ink shows.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 1, "of the ink");

    /// <summary>Standard deviation of its blur in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 1e-3, 50, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        int reach = (int)Math.Ceiling(3 * Sigma);
        using var back = new Mat();
        Cv2.Flip(input, back, FlipMode.XY);
        Cv2.GaussianBlur(back, back, new Size(2 * reach + 1, 2 * reach + 1), Sigma, Sigma, BorderTypes.Replicate);
        back.ConvertTo(back, -1, Strength, 255 * (1 - Strength));
        Cv2.Multiply(input, back, output, 1 / 255.0);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor };
}
