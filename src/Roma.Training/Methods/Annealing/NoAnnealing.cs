using Roma.Core;

namespace Roma.Training.Methods.Annealing;

/// <summary>Nothing fades.</summary>
[Name("none")]
public sealed record NoAnnealing : IAnnealing
{
    /// <inheritdoc/>
    public double Remaining(int step, int steps) => 1;
}
