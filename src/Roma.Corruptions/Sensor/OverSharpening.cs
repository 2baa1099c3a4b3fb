using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>An unsharp mask driven too far: halos along all edges.</summary>
/// <param name="Amount">How often the difference from the blurred picture is added, 0 to 50.</param>
/// <param name="Sigma">Standard deviation of that blur in pixels, above 0 to 50.</param>
[Name("over_sharpening")]
public sealed record OverSharpening(double Amount, double Sigma) : ICorruption
{
    /// <summary>How often the difference from the blurred picture is added.</summary>
    public double Amount { get; init; } = Guard.InRange(Amount, 0, 50, "times");

    /// <summary>Standard deviation of that blur in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 1e-3, 50, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        int reach = (int)Math.Ceiling(3 * Sigma);
        Cv2.GaussianBlur(input, output, new Size(2 * reach + 1, 2 * reach + 1), Sigma, Sigma, BorderTypes.Replicate);
        Cv2.AddWeighted(input, 1 + Amount, output, -Amount, 0, output);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Sigma = Sigma * factor };
}
