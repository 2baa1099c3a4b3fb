using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>The policy-gradient part as NoisyRollout publishes it: a clip range of 0.2 on both sides, no dual clip.</summary>
/// <inheritdoc/>
public sealed record NoisyRolloutPolicySettings(
    IPolicyLoss? Loss = null, double ClipLow = 0.2, double ClipHigh = 0.2, double? DualClip = null, IAggregation? Aggregation = null,
    double Beta = 0, IKlEstimator? ReferenceEstimator = null, IKlController? Controller = null, double Entropy = 0)
    : PolicySettings(Loss, ClipLow, ClipHigh, DualClip, Aggregation, Beta, ReferenceEstimator, Controller, Entropy);
