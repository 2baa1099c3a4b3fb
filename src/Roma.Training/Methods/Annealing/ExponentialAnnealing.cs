using Roma.Core;

namespace Roma.Training.Methods.Annealing;

/// <summary><c>1 - coefficient^(steps - step)</c>.</summary>
/// <param name="Coefficient">The base, in [0, 1].</param>
[Name("exponential")]
public sealed record ExponentialAnnealing(double Coefficient = 0.9) : IAnnealing
{
    /// <summary>The base.</summary>
    public double Coefficient { get; init; } = Require.Within(Coefficient, 0, 1);

    /// <inheritdoc/>
    public double Remaining(int step, int steps) => 1 - Math.Pow(Coefficient, steps - step);
}
