namespace Roma.Training.Losses;

/// <summary>The policy-gradient part of an objective, shared by all methods that have one.</summary>
/// <param name="Loss">The loss of a token; null: <c>clipped</c>.</param>
/// <param name="ClipLow">How far the ratio may fall below 1, 0..1.</param>
/// <param name="ClipHigh">How far the ratio may rise above 1, at least 0.</param>
/// <param name="DualClip">The largest ratio that counts where the advantage is negative, at least 1; null: unbounded.</param>
/// <param name="Aggregation">How tokens are averaged; null: <c>token_mean</c>.</param>
/// <param name="Beta">The coefficient of the KL to the reference policy, at least 0; 0 needs no reference policy.</param>
/// <param name="ReferenceEstimator">How that KL is estimated; null: <c>k3</c>.</param>
/// <param name="Controller">How <paramref name="Beta"/> moves; null: <c>fixed</c>.</param>
/// <param name="Entropy">The coefficient of the entropy bonus, at least 0.</param>
public record PolicySettings(
    IPolicyLoss? Loss = null, double ClipLow = 0.2, double ClipHigh = 0.28, double? DualClip = 3, IAggregation? Aggregation = null,
    double Beta = 0, IKlEstimator? ReferenceEstimator = null, IKlController? Controller = null, double Entropy = 0)
{
    /// <summary>The loss of a token.</summary>
    public IPolicyLoss Loss { get; init; } = Loss ?? new ClippedLoss();

    /// <summary>How far the ratio may fall below 1.</summary>
    public double ClipLow { get; init; } = Require.Within(ClipLow, 0, 1);

    /// <summary>How far the ratio may rise above 1.</summary>
    public double ClipHigh { get; init; } = Require.NotNegative(ClipHigh);

    /// <summary>The largest ratio that counts where the advantage is negative; null: unbounded.</summary>
    public double? DualClip { get; init; } = DualClip is { } dualClip ? Require.Within(dualClip, 1, double.MaxValue, name: nameof(DualClip)) : null;

    /// <summary>How tokens are averaged.</summary>
    public IAggregation Aggregation { get; init; } = Aggregation ?? new TokenMeanAggregation();

    /// <summary>The coefficient of the KL to the reference policy.</summary>
    public double Beta { get; init; } = Require.NotNegative(Beta);

    /// <summary>How the KL to the reference policy is estimated.</summary>
    public IKlEstimator ReferenceEstimator { get; init; } = ReferenceEstimator ?? new K3Estimator();

    /// <summary>How <see cref="Beta"/> moves.</summary>
    public IKlController Controller { get; init; } = Controller ?? new FixedKlController();

    /// <summary>The coefficient of the entropy bonus.</summary>
    public double Entropy { get; init; } = Require.NotNegative(Entropy);
}
