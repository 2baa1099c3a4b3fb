using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>Smears along one direction with the falling half of a normal curve, so the picture also moves that way; the edge is replicated.</summary>
/// <param name="Radius">Half the length of the smear in pixels, 0 to 500.</param>
/// <param name="Sigma">Standard deviation of the curve in pixels, above 0 to 500.</param>
[Name("motion_blur")]
public sealed record MotionBlur(double Radius, double Sigma) : StochasticCorruption
{
    /// <summary>Half the length of the smear in pixels.</summary>
    public double Radius { get; init; } = Guard.InRange(Radius, 0, 500, "pixels");

    /// <summary>Standard deviation of the curve in pixels.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 1e-3, 500, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.Add("angle_degrees", 1)[0] = (float)random.Uniform(-45, 45);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        IEnumerable<Tap> taps = Taps(fields["angle_degrees"][0]);
        if (fidelity == Fidelity.Parity) // the reference drops shifts past the picture but divides by the whole weight
            taps = taps.Where(tap => Math.Abs(tap.X) < image.Width && Math.Abs(tap.Y) < image.Height);
        return TapFilter.Apply(image, [.. taps], Border.Replicate, fidelity);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Radius = Radius * factor, Sigma = Sigma * factor };

    /// <summary>The kernel: one tap a step along the direction.</summary>
    internal List<Tap> Taps(double angleDegrees)
    {
        (double sin, double cos) = Math.SinCos(angleDegrees * Math.PI / 180);
        return [.. Weights().Select((weight, i) => new Tap((int)Math.Ceiling(i * cos - 0.5), (int)Math.Ceiling(i * sin - 0.5), weight))];
    }

    // On constant paper the last bit decides between two levels when fractions are cut, so weights and their sum are computed in NumPy's order.
    private double[] Weights()
    {
        double[] weights = new double[(int)Math.Ceiling(2 * Radius) + 1];
        for (int i = 0; i < weights.Length; i++) // a length between two whole numbers takes a share of its last pixel
            weights[i] = Math.Min(1, 2 * Radius - i + 1) * (Math.Exp(-(double)i * i / (2 * (Sigma * Sigma))) / (Math.Sqrt(2 * Math.PI) * Sigma));
        double total = NumPy.Sum(weights);
        for (int i = 0; i < weights.Length; i++)
            weights[i] /= total;
        return weights;
    }
}
