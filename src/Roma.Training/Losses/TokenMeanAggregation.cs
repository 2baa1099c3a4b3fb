using Roma.Core;

namespace Roma.Training.Losses;

/// <summary>The mean over all counted tokens of the step (DAPO, arXiv 2503.14476).</summary>
[Name("token_mean")]
public sealed record TokenMeanAggregation : IAggregation
{
    /// <inheritdoc/>
    public double Weight(int tokens, StepDenominators step) => 1.0 / Math.Max(1, step.Tokens);
}
