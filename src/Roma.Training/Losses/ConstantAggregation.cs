using Roma.Core;

namespace Roma.Training.Losses;

/// <summary>The mean over counted responses of each one's sum over its tokens, divided by a constant length (Dr. GRPO, arXiv 2503.20783).</summary>
/// <param name="Constant">The length, in tokens, above 0; usually the longest response allowed.</param>
[Name("constant")]
public sealed record ConstantAggregation(double Constant) : IAggregation
{
    /// <summary>The length that every response is divided by, in tokens.</summary>
    public double Constant { get; init; } = Require.Positive(Constant);

    /// <inheritdoc/>
    public double Weight(int tokens, StepDenominators step) => 1 / Constant / Math.Max(1, step.Sequences);
}
