using Roma.Core;
using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>
/// ROMA (arXiv 2605.09262): GRPO on clean rollouts, plus the divergence of the worst corrupted view where the answer was right, plus a policy gradient on a corrupted view
/// with the clean advantages.
/// </summary>
/// <param name="Views">The number of corrupted views a prompt; 0: plain GRPO.</param>
/// <param name="LambdaKl">The weight of the divergence, at least 0.</param>
/// <param name="LambdaPg">The weight of the auxiliary policy gradient, at least 0.</param>
/// <param name="WorstCase">Which views the divergence looks at; null: <c>trajectory</c>.</param>
/// <param name="Anchor">Where the divergence's gradient flows.</param>
/// <param name="Estimator">How the divergence is estimated; null: <c>k3</c>.</param>
/// <param name="Gate">Which trajectories the divergence is for.</param>
/// <param name="Tau">The accuracy from which a trajectory is correct.</param>
/// <param name="Surrogate">The policy loss on the auxiliary view; null: <c>clipped</c>.</param>
/// <param name="View">Which corrupted view is the auxiliary one.</param>
/// <param name="Policy">The policy loss; null: its defaults.</param>
/// <param name="WorstBy">Whether each trajectory has a worst view of its own or all responses of a prompt share one.</param>
/// <param name="SelectOn">How many responses of a prompt are scored to find the worst view they share; null: all.</param>
[Name("roma")]
public sealed record RomaMethod(
    int Views = 4, double LambdaKl = 0.5, double LambdaPg = 0.2, IWorstCase? WorstCase = null, Anchor Anchor = Anchor.Clean, IKlEstimator? Estimator = null,
    Gate Gate = Gate.Correct, double Tau = 1, IPolicyLoss? Surrogate = null, AuxiliaryView View = AuxiliaryView.Worst, PolicySettings? Policy = null,
    WorstBy WorstBy = WorstBy.Trajectory, int? SelectOn = null) : IMethod
{
    /// <inheritdoc/>
    public int Views { get; init; } = Require.AtLeast(Views, 0);

    /// <summary>The weight of the divergence.</summary>
    public double LambdaKl { get; init; } = Require.NotNegative(LambdaKl);

    /// <summary>The weight of the auxiliary policy gradient.</summary>
    public double LambdaPg { get; init; } = Require.NotNegative(LambdaPg);

    /// <summary>Which views the divergence looks at.</summary>
    public IWorstCase WorstCase { get; init; } = WorstCase ?? new TrajectoryWorstCase();

    /// <summary>How the divergence is estimated.</summary>
    public IKlEstimator Estimator { get; init; } = Estimator ?? new K3Estimator();

    /// <summary>The accuracy from which a trajectory is correct.</summary>
    public double Tau { get; init; } = Require.NotNegative(Tau);

    /// <summary>The policy loss on the auxiliary view.</summary>
    public IPolicyLoss Surrogate { get; init; } = Surrogate ?? new ClippedLoss();

    /// <summary>The policy loss.</summary>
    public PolicySettings Policy { get; init; } = Policy ?? new PolicySettings();

    /// <summary>How many responses of a prompt are scored to find the worst view they share.</summary>
    public int? SelectOn { get; init; } = SelectOn is null ? null
        : LambdaKl != 0 && WorstCase is { NeedsAllViews: true } ? throw new RomaException("select_on saves forward passes where the divergence needs the worst view alone; this worst_case needs all responses on all views.", "Set worst_case: trajectory, or leave select_on out.")
        : WorstBy == WorstBy.Prompt ? Require.AtLeast(SelectOn.Value, 1, nameof(SelectOn))
        : throw new RomaException("select_on chooses a prompt's worst view by some of its responses; with worst_by: trajectory each response needs its own.", "Set worst_by: prompt, or leave select_on out.");

    /// <inheritdoc/>
    public ObjectiveSettings Objective => new()
    {
        Policy = Policy,
        LambdaKl = Views == 0 ? 0 : LambdaKl,
        LambdaPg = Views == 0 ? 0 : LambdaPg,
        WorstCase = WorstCase,
        Anchor = Anchor,
        Estimator = Estimator,
        Gate = Gate,
        Tau = Tau,
        Surrogate = Surrogate,
        View = View,
        WorstBy = WorstBy,
        SelectOn = SelectOn,
    };

    /// <inheritdoc/>
    public SamplingView? Sampling => SamplingView.Clean;
}
