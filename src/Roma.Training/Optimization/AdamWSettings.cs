namespace Roma.Training.Optimization;

/// <summary>AdamW (arXiv 1711.05101), gradient clipping and the learning rate's course.</summary>
/// <param name="Lr">The largest learning rate, at least 0.</param>
/// <param name="Beta1">The decay of the running mean of gradients, in [0, 1).</param>
/// <param name="Beta2">The decay of the running mean of squared gradients, in [0, 1).</param>
/// <param name="Epsilon">Added to the root of the squares, above 0.</param>
/// <param name="WeightDecay">Decoupled weight decay, at least 0.</param>
/// <param name="DecayAll">False: only matrices decay, not norms, biases and embeddings.</param>
/// <param name="MaxGradNorm">The norm that gradients are scaled down to, above 0; null: not clipped.</param>
/// <param name="Schedule">The learning rate's course; null: <c>constant</c>.</param>
public sealed record AdamWSettings(
    double Lr = 1e-6, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0.01, bool DecayAll = false, double? MaxGradNorm = 1,
    ILearningRateSchedule? Schedule = null)
{
    /// <summary>The largest learning rate.</summary>
    public double Lr { get; init; } = Require.NotNegative(Lr);

    /// <summary>The decay of the running mean of gradients.</summary>
    public double Beta1 { get; init; } = Require.Within(Beta1, 0, Math.BitDecrement(1.0));

    /// <summary>The decay of the running mean of squared gradients.</summary>
    public double Beta2 { get; init; } = Require.Within(Beta2, 0, Math.BitDecrement(1.0));

    /// <summary>Added to the root of the squares.</summary>
    public double Epsilon { get; init; } = Require.Positive(Epsilon);

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = Require.NotNegative(WeightDecay);

    /// <summary>The norm that gradients are scaled down to; null: not clipped.</summary>
    public double? MaxGradNorm { get; init; } = MaxGradNorm is { } norm ? Require.Positive(norm, nameof(MaxGradNorm)) : null;

    /// <summary>The learning rate's course.</summary>
    public ILearningRateSchedule Schedule { get; init; } = Schedule ?? new ConstantSchedule();
}
