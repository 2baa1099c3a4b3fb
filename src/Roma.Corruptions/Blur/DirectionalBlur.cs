using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Blur;

/// <summary>Moves evenly along a line of any direction while the shutter is open; the picture stays where it is.</summary>
/// <param name="Length">How far in pixels, 0 to 500.</param>
[Name("directional_blur")]
public sealed record DirectionalBlur(double Length) : StochasticCorruption
{
    /// <summary>How far in pixels.</summary>
    public double Length { get; init; } = Guard.InRange(Length, 0, 500, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("direction", 1));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (double sin, double cos) = Math.SinCos(fields["direction"][0] * Math.PI);
        IReadOnlyList<Tap> taps = Trace.Taps(t => ((t - 0.5) * Length * cos, (t - 0.5) * Length * sin));
        return TapFilter.Apply(image, taps, Border.Reflect101, Fidelity.Rounded);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Length = Length * factor };
}
