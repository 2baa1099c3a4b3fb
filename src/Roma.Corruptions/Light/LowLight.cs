using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>Too little light, amplified afterwards: photons are few, so the noise grows as the square root of the light; what remains is darker than it was.</summary>
/// <param name="Brightness">What white becomes as a share of the full range, above 0 to 1.</param>
/// <param name="Photons">How many photons white is made of, 1 to 1e6.</param>
[Name("low_light")]
public sealed record LowLight(double Brightness, double Photons) : StochasticCorruption
{
    private const double Gamma = 1.3;

    /// <summary>What white becomes as a share of the full range.</summary>
    public double Brightness { get; init; } = Guard.InRange(Brightness, 1e-3, 1, "of the full range");

    /// <summary>How many photons white is made of.</summary>
    public double Photons { get; init; } = Guard.InRange(Photons, 1, 1e6, "photons");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        float[] mean = new float[256], deviation = new float[256];
        for (int level = 0; level < 256; level++)
        {
            double light = Math.Pow(level / 255.0, Gamma);
            mean[level] = (float)(255 * Brightness * light);
            deviation[level] = (float)(255 * Brightness * Math.Sqrt((light + 1 / Photons) / Photons)); // one photon of dark current
        }
        return Elementwise.Apply(image, fields, "normal", (pixels, normal, levels) =>
        {
            for (int i = 0; i < levels.Length; i++)
                levels[i] = mean[pixels[i]] + deviation[pixels[i]] * normal[i];
        }, Fidelity.Rounded);
    }
}
