using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>Static consistency after DrAC (arXiv 2006.12862): GRPO plus the mean divergence of the corrupted views, no gate and no auxiliary gradient.</summary>
/// <param name="Views">The number of corrupted views a prompt, at least 1.</param>
/// <param name="LambdaKl">The weight of the divergence, at least 0.</param>
/// <param name="Estimator">How the divergence is estimated; null: <c>k3</c>.</param>
/// <param name="Policy">The policy loss; null: its defaults.</param>
[Name("drac")]
public sealed record DracMethod(int Views = 4, double LambdaKl = 0.5, IKlEstimator? Estimator = null, PolicySettings? Policy = null) : IMethod
{
    /// <inheritdoc/>
    public int Views { get; init; } = Require.AtLeast(Views, 1);

    /// <summary>The weight of the divergence.</summary>
    public double LambdaKl { get; init; } = Require.NotNegative(LambdaKl);

    /// <summary>How the divergence is estimated.</summary>
    public IKlEstimator Estimator { get; init; } = Estimator ?? new K3Estimator();

    /// <summary>The policy loss.</summary>
    public PolicySettings Policy { get; init; } = Policy ?? new PolicySettings();

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new() { Policy = Policy, LambdaKl = LambdaKl, Estimator = Estimator, WorstCase = new MeanWorstCase(), Gate = Gate.None };

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.Clean;
}
