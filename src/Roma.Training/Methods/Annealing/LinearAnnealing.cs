using Roma.Core;

namespace Roma.Training.Methods.Annealing;

/// <summary><c>1 - step / steps</c>.</summary>
[Name("linear")]
public sealed record LinearAnnealing : IAnnealing
{
    /// <inheritdoc/>
    public double Remaining(int step, int steps) => 1 - (double)step / steps;
}
