using Roma.Core;

namespace Roma.Training.Losses;

/// <summary><c>-A l</c>: the plain policy gradient, no ratio.</summary>
[Name("log_prob")]
public sealed record LogProbLoss : IPolicyLoss
{
    /// <inheritdoc/>
    public TokenLoss Loss(PolicyInput input) => new(input.LogProbs_NT * input.NegatedAdvantage_NT);
}
