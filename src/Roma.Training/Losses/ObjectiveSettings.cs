namespace Roma.Training.Losses;

/// <summary>
/// Every switch of the one objective, <c>lambda_clean L_clean + lambda_kl L_kl + lambda_pg L_pg + beta KL_reference - entropy H</c>. The defaults are GRPO: everything else off.
/// Methods fill it in; they are what YAML names.
/// </summary>
public sealed record ObjectiveSettings
{
    /// <summary>Whether the divergence of the corrupted views is asked for: as a term, or to find the worst one.</summary>
    public bool NeedsViewDivergence => LambdaKl != 0 || LambdaPg != 0 && View == AuxiliaryView.Worst;

    /// <summary>Whether a term of whole next-token distributions is asked for.</summary>
    public bool NeedsDistributions => NeedsViewDivergence && Estimator.NeedsDistributions || Policy.Entropy != 0 || Policy.Beta != 0 && Policy.ReferenceEstimator.NeedsDistributions;

    /// <summary>Whether a term has a ratio to the policy that sampled.</summary>
    public bool NeedsOldLogProbs => Policy.Loss.NeedsAdvantage || LambdaPg != 0 && Surrogate.NeedsAdvantage;

    /// <summary>Policy loss, clip range, aggregation, reference KL and entropy.</summary>
    public PolicySettings Policy { get; init; } = new();

    /// <summary>The weight of the policy loss on the loss view, at least 0.</summary>
    public double LambdaClean { get; init => field = Require.NotNegative(value, nameof(LambdaClean)); } = 1;

    /// <summary>The weight of the divergence between the loss view and the corrupted views, at least 0.</summary>
    public double LambdaKl { get; init => field = Require.NotNegative(value, nameof(LambdaKl)); }

    /// <summary>The weight of the policy loss on the auxiliary corrupted view, at least 0.</summary>
    public double LambdaPg { get; init => field = Require.NotNegative(value, nameof(LambdaPg)); }

    /// <summary>Which of the corrupted views the divergence looks at.</summary>
    public IWorstCase WorstCase { get; init; } = new TrajectoryWorstCase();

    /// <summary>Whose worst view counts.</summary>
    public WorstBy WorstBy { get; init; }

    /// <summary>How many responses of a prompt are scored to find its worst view, at least 1; null: all. Only where all responses of a prompt share one.</summary>
    public int? SelectOn { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(SelectOn)) : null; }

    /// <summary>Where the divergence's gradient flows.</summary>
    public Anchor Anchor { get; init; }

    /// <summary>How the divergence is estimated.</summary>
    public IKlEstimator Estimator { get; init; } = new K3Estimator();

    /// <summary>Which trajectories the divergence is for; the others stay in its denominator.</summary>
    public Gate Gate { get; init; }

    /// <summary>The accuracy from which a trajectory is correct.</summary>
    public double Tau { get; init => field = Require.NotNegative(value, nameof(Tau)); } = 1;

    /// <summary>The policy loss on the auxiliary view, with the clip range of <see cref="Policy"/>.</summary>
    public IPolicyLoss Surrogate { get; init; } = new ClippedLoss();

    /// <summary>Which corrupted view is the auxiliary one.</summary>
    public AuxiliaryView View { get; init; }

    /// <summary>Which trajectories are in the step at all; the others are in no term and in no denominator.</summary>
    public Gate Filter { get; init; } = Gate.None;

    /// <summary>The forward passes of a response on its corrupted views.</summary>
    /// <param name="views">Their number, K.</param>
    /// <returns>Those without gradient, to find the worst view, and those with gradient.</returns>
    public (int Selecting, int Learning) ViewPasses(int views)
    {
        bool all = LambdaKl != 0 && WorstCase.NeedsAllViews, worst = LambdaKl != 0 || View == AuxiliaryView.Worst;
        return views == 0 || LambdaKl == 0 && LambdaPg == 0 ? (0, 0)
            : all ? (0, views)
            : (worst && views > 1 ? views : 0, LambdaKl != 0 && LambdaPg != 0 && View != AuxiliaryView.Worst && views > 1 ? 2 : 1);
    }
}
