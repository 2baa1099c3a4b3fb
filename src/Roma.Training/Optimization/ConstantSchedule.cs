using Roma.Core;

namespace Roma.Training.Optimization;

/// <summary>A linear warm-up, then the largest learning rate.</summary>
/// <param name="Warmup">The number of warm-up steps, at least 0.</param>
[Name("constant")]
public sealed record ConstantSchedule(int Warmup = 0) : ILearningRateSchedule
{
    /// <summary>The number of warm-up steps.</summary>
    public int Warmup { get; init; } = Require.AtLeast(Warmup, 0);

    /// <inheritdoc/>
    public double At(int step, int steps) => ILearningRateSchedule.WarmUp(Warmup, step, steps, _ => 1);
}
