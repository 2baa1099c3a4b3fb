using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Light;

/// <summary>Too much light: everything is brighter, bright tones run into white, and stray light lifts the dark ones.</summary>
/// <param name="Stops">By how many doublings of the light, 0 to 8.</param>
/// <param name="Stray">Stray light as a share of what white gives, 0 to 1; it is amplified, too.</param>
[Name("over_exposure")]
public sealed record OverExposure(double Stops, double Stray) : ICorruption
{
    private const double Gamma = 2.2;

    /// <summary>By how many doublings of the light.</summary>
    public double Stops { get; init; } = Guard.InRange(Stops, 0, 8, "stops");

    /// <summary>Stray light as a share of what white gives.</summary>
    public double Stray { get; init; } = Guard.InRange(Stray, 0, 1, "of white");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) =>
        Levels.Map(image, level => Math.Pow(Math.Min(1, (Math.Pow(level, Gamma) + Stray) * Math.Pow(2, Stops)), 1 / Gamma));
}
