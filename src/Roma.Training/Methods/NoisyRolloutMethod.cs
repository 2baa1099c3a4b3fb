using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>NoisyRollout (arXiv 2504.13055): half of a group is sampled on noised pictures, the noise fading over training; the loss is on the clean ones.</summary>
/// <param name="Policy">The policy loss; null: its defaults.</param>
/// <param name="Noise">The noise; null: its defaults.</param>
[Name("noisy_rollout")]
public sealed record NoisyRolloutMethod(NoisyRolloutPolicySettings? Policy = null, AnnealedNoise? Noise = null) : IMethod
{
    /// <summary>The policy loss.</summary>
    public NoisyRolloutPolicySettings Policy { get; init; } = Policy ?? new NoisyRolloutPolicySettings();

    /// <summary>The noise.</summary>
    public AnnealedNoise Noise { get; init; } = Noise ?? new AnnealedNoise();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new() { Policy = Policy };

    /// <inheritdoc/>
    public int Views => 0;

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.HalfNoised;

    AnnealedNoise? IMethod.Noise => Noise;
}
