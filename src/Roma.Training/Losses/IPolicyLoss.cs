namespace Roma.Training.Losses;

/// <summary>The loss of a token given its advantage. Implementations are sealed records; the clip range comes from <see cref="PolicySettings"/>.</summary>
public interface IPolicyLoss
{
    /// <summary>The token losses before aggregation, with a gradient to the log-probabilities.</summary>
    /// <param name="input">Log-probabilities, advantages and the clip range's bounds.</param>
    TokenLoss Loss(PolicyInput input);

    /// <summary>Whether a token without advantage adds nothing.</summary>
    bool NeedsAdvantage => true;
}
