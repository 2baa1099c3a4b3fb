using Roma.Core;

namespace Roma.Training.Advantages;

/// <summary>Reward minus the group's mean, whitened over all scorable tokens of the step (REINFORCE++-baseline, arXiv 2501.03262).</summary>
[Name("reinforce_pp_baseline")]
public sealed record ReinforcePpBaselineAdvantage : IAdvantage
{
    /// <inheritdoc/>
    public double[,] Compute(Trajectories step) => Statistics.Whitened(step, step.PerToken(Statistics.Centred(step)));
}
