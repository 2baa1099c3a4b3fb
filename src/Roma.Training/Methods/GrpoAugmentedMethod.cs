using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>GRPO with naive augmentation: sampled on and trained on one corrupted view a prompt.</summary>
/// <param name="Policy">The policy loss; null: its defaults.</param>
[Name("grpo_augmented")]
public sealed record GrpoAugmentedMethod(PolicySettings? Policy = null) : IMethod
{
    /// <summary>The policy loss.</summary>
    public PolicySettings Policy { get; init; } = Policy ?? new PolicySettings();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new() { Policy = Policy };

    /// <inheritdoc/>
    public int Views => 1;

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.Corrupted;

    /// <inheritdoc/>
    public LossView LossOn => LossView.Corrupted;
}
