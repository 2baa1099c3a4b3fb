using Roma.Core;
using Roma.Training.Advantages;

namespace Roma.Training.Rewards;

/// <summary>DAPO's soft overlong punishment (arXiv 2503.14476) at the run's limit of tokens: see <see cref="OverlongPenalty"/>.</summary>
/// <param name="Buffer">Over how many tokens before the limit the penalty grows, at least 1; more than the limit counts as the limit.</param>
/// <param name="Weight">Its factor in the total.</param>
[Name("soft_overlong")]
public sealed record SoftOverlong(int Buffer, double Weight = 1) : IReward
{
    /// <summary>Over how many tokens before the limit the penalty grows.</summary>
    public int Buffer { get; init; } = Require.AtLeast(Buffer, 1);

    /// <inheritdoc/>
    public double? Score(Response response) => new OverlongPenalty(response.Limit, Math.Min(Buffer, response.Limit)).Of(response.Tokens);
}
