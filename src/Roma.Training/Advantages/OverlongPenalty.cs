namespace Roma.Training.Advantages;

/// <summary>DAPO's soft overlong punishment (arXiv 2503.14476): 0 up to <c>limit - buffer</c> tokens, falling to -1 at the limit, -1 beyond.</summary>
/// <param name="Limit">The longest response allowed, in tokens, at least 1.</param>
/// <param name="Buffer">Over how many tokens before the limit the penalty grows, 1..limit.</param>
public sealed record OverlongPenalty(int Limit, int Buffer)
{
    /// <summary>The longest response allowed, in tokens.</summary>
    public int Limit { get; init; } = Require.AtLeast(Limit, 1);

    /// <summary>Over how many tokens before the limit the penalty grows.</summary>
    public int Buffer { get; init; } = (int)Require.Within(Buffer, 1, Limit);

    /// <summary>What is added to the reward, -1..0.</summary>
    /// <param name="length">The response's number of tokens.</param>
    public double Of(int length) => Math.Clamp((double)(Limit - Buffer - length) / Buffer, -1, 0);
}
