using Roma.Core;

namespace Roma.Training.Methods.Annealing;

/// <summary><c>1 - (step / steps)^coefficient</c>.</summary>
/// <param name="Coefficient">The exponent, above 0.</param>
[Name("power")]
public sealed record PowerAnnealing(double Coefficient = 2) : IAnnealing
{
    /// <summary>The exponent.</summary>
    public double Coefficient { get; init; } = Require.Positive(Coefficient);

    /// <inheritdoc/>
    public double Remaining(int step, int steps) => 1 - Math.Pow((double)step / steps, Coefficient);
}
