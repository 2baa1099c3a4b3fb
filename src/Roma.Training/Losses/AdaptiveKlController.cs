using Roma.Core;

namespace Roma.Training.Losses;

/// <summary><c>beta *= 1 + clip(KL / target - 1, -0.2, 0.2) * count / horizon</c> (arXiv 1909.08593).</summary>
/// <param name="Target">The KL to keep, in nats, above 0.</param>
/// <param name="Horizon">Over how many responses the coefficient reacts, above 0.</param>
[Name("adaptive")]
public sealed record AdaptiveKlController(double Target, double Horizon = 10000) : IKlController
{
    /// <summary>The KL to keep, in nats.</summary>
    public double Target { get; init; } = Require.Positive(Target);

    /// <summary>Over how many responses the coefficient reacts.</summary>
    public double Horizon { get; init; } = Require.Positive(Horizon);

    /// <inheritdoc/>
    public double Next(double beta, double kl, int count) => beta * (1 + Math.Clamp(kl / Target - 1, -0.2, 0.2) * count / Horizon);
}
