using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>GRPO (arXiv 2402.03300): sampled on and trained on clean pictures.</summary>
/// <param name="Policy">The policy loss; null: its defaults.</param>
[Name("grpo")]
public sealed record GrpoMethod(PolicySettings? Policy = null) : IMethod
{
    /// <summary>The policy loss.</summary>
    public PolicySettings Policy { get; init; } = Policy ?? new PolicySettings();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new() { Policy = Policy };

    /// <inheritdoc/>
    public int Views => 0;

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.Clean;
}
