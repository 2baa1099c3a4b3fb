using Roma.Core;

namespace Roma.Training.Losses;

/// <summary>The mean over counted responses of each one's mean over its tokens (GRPO, arXiv 2402.03300).</summary>
[Name("sequence_mean")]
public sealed record SequenceMeanAggregation : IAggregation
{
    /// <inheritdoc/>
    public double Weight(int tokens, StepDenominators step) => 1.0 / tokens / Math.Max(1, step.Sequences);
}
