using Roma.Core;

namespace Roma.Training.Methods.Annealing;

/// <summary><c>1 / (1 + exp(-coefficient (middle - step) / steps))</c>.</summary>
/// <param name="Coefficient">The steepness, above 0.</param>
/// <param name="Middle">The training step at which half is left; null: at two thirds of the steps, which is the published 40 of 60.</param>
[Name("sigmoid")]
public sealed record SigmoidAnnealing(double Coefficient = 30, double? Middle = null) : IAnnealing
{
    /// <summary>The steepness.</summary>
    public double Coefficient { get; init; } = Require.Positive(Coefficient);

    /// <inheritdoc/>
    public double Remaining(int step, int steps) => 1 / (1 + Math.Exp(-Coefficient * ((Middle ?? steps * 2 / 3.0) - step) / steps));
}
