using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Sensor;

/// <summary>All frequencies above a limit cut off at once: every edge echoes (Gibbs). The filter is a sinc of four lobes to each side, in both directions.</summary>
/// <param name="Wavelength">The shortest wave left in pixels, 2 to 500.</param>
[Name("ringing")]
public sealed record Ringing(double Wavelength) : ICorruption
{
    private const int Lobes = 4;

    /// <summary>The shortest wave left in pixels.</summary>
    public double Wavelength { get; init; } = Guard.InRange(Wavelength, 2, 500, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        int reach = (int)Math.Ceiling(Lobes * Wavelength / 2);
        double[] sinc = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(x => x == 0 ? 1 : Math.Sin(2 * Math.PI * x / Wavelength) / (2 * Math.PI * x / Wavelength))];
        double sum = sinc.Sum();
        float[] weights = [.. sinc.Select(weight => (float)(weight / sum))];
        using Mat kernel = Mats.Of(weights, weights.Length, 1, MatType.CV_32FC1);
        Cv2.SepFilter2D(input, output, input.Type(), kernel, kernel, borderType: BorderTypes.Replicate);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Wavelength = 2 + (Wavelength - 2) * factor };
}
