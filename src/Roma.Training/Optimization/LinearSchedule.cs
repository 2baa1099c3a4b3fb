using Roma.Core;

namespace Roma.Training.Optimization;

/// <summary>A linear warm-up, then a straight fall to a share of the largest learning rate.</summary>
/// <param name="Warmup">The number of warm-up steps, at least 0.</param>
/// <param name="Floor">The share that is left at the end, 0..1.</param>
[Name("linear")]
public sealed record LinearSchedule(int Warmup = 0, double Floor = 0) : ILearningRateSchedule
{
    /// <summary>The number of warm-up steps.</summary>
    public int Warmup { get; init; } = Require.AtLeast(Warmup, 0);

    /// <summary>The share that is left at the end.</summary>
    public double Floor { get; init; } = Require.Within(Floor, 0, 1);

    /// <inheritdoc/>
    public double At(int step, int steps) => ILearningRateSchedule.WarmUp(Warmup, step, steps, done => 1 - (1 - Floor) * done);
}
