using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>Levels raised to a power: a display set wrongly. Black and white stay.</summary>
/// <param name="Exponent">Above 1 darkens, below 1 brightens; 0.05 to 20.</param>
[Name("gamma")]
public sealed record Gamma(double Exponent) : ICorruption
{
    /// <summary>The power.</summary>
    public double Exponent { get; init; } = Guard.InRange(Exponent, 0.05, 20, "(exponent)");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Levels.Map(image, level => Math.Pow(level, Exponent));
}
