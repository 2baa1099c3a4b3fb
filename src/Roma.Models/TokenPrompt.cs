using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Models;

/// <summary>A prompt as token rows.</summary>
/// <param name="Ids">Token ids, a placeholder for each merged patch of its pictures.</param>
/// <param name="Positions">Rotary position (time, height, width) of each token.</param>
/// <param name="Name">What messages call it, for example the sample's id; null for its number.</param>
public sealed record TokenPrompt(int[] Ids, (int T, int H, int W)[] Positions, string? Name = null)
{
    /// <summary>The position of the first token after the prompt: one more than the largest so far.</summary>
    public int Next { get; } = Positions.Max(position => Math.Max(position.T, Math.Max(position.H, position.W))) + 1;

    /// <summary>Refuses a prompt that does not fit into the model together with a reply; nothing is ever cut off.</summary>
    /// <param name="config">The model.</param>
    /// <param name="newTokens">Tokens of the reply.</param>
    /// <param name="number">What to call it where it has no name.</param>
    /// <exception cref="RomaException">It is too long.</exception>
    public void RefuseIfLonger(ModelConfig config, int newTokens, string number)
    {
        if ((long)Ids.Length + newTokens > config.Text.MaxPositions)
            throw new RomaException($"Prompt {Name ?? number} has {Ids.Length} tokens, {Ids.Count(id => id == config.ImageTokenId)} of them for pictures; with {newTokens} new ones that is more than the model's {config.Text.MaxPositions} positions.",
                "Lower the number of new tokens or use smaller pictures (max_pixels in preprocessor_config.json).");
    }
}
