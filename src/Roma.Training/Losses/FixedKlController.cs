using Roma.Core;

namespace Roma.Training.Losses;

/// <summary>The coefficient stays.</summary>
[Name("fixed")]
public sealed record FixedKlController : IKlController
{
    /// <inheritdoc/>
    public double Next(double beta, double kl, int count) => beta;
}
