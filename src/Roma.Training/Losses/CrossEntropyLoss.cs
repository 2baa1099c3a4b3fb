using Roma.Core;

namespace Roma.Training.Losses;

/// <summary><c>-l</c>: imitation of the tokens, whatever their advantage.</summary>
[Name("cross_entropy")]
public sealed record CrossEntropyLoss : IPolicyLoss
{
    /// <inheritdoc/>
    public TokenLoss Loss(PolicyInput input) => new(input.LogProbs_NT.neg());

    /// <inheritdoc/>
    public bool NeedsAdvantage => false;
}
