namespace Roma.Models;

/// <summary>A prompt as token rows.</summary>
/// <param name="Ids">Token ids, a placeholder for each merged patch of its pictures.</param>
/// <param name="Positions">Rotary position (time, height, width) of each token.</param>
public sealed record TokenPrompt(int[] Ids, (int T, int H, int W)[] Positions)
{
    /// <summary>The position of the first token after the prompt: one more than the largest so far.</summary>
    public int Next { get; } = Positions.Max(position => Math.Max(position.T, Math.Max(position.H, position.W))) + 1;
}
