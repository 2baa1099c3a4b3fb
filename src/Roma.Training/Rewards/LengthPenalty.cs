using Roma.Core;

namespace Roma.Training.Rewards;

/// <summary>0 up to a number of tokens, then falling evenly to -1 at the limit of the response.</summary>
/// <param name="Free">Tokens without penalty, at least 0.</param>
/// <param name="Weight">Its factor in the total.</param>
[Name("length_penalty")]
public sealed record LengthPenalty(int Free = 0, double Weight = 1) : IReward
{
    /// <summary>Tokens without penalty.</summary>
    public int Free { get; init; } = Require.AtLeast(Free, 0);

    /// <inheritdoc/>
    public double? Score(Response response) => response.Tokens <= Free ? 0 : -Math.Min(1, (response.Tokens - Free) / (double)Math.Max(1, response.Limit - Free));
}
