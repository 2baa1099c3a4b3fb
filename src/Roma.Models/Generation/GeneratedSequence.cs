namespace Roma.Models.Generation;

/// <summary>A generated sequence.</summary>
/// <param name="Tokens">Its tokens, the end token included where it was reached.</param>
/// <param name="Finished">False where the token limit cut it off.</param>
/// <param name="LogProbs">
/// Log-probability of each token under softmax(logits / temperature) over the whole vocabulary (temperature 1 where the most likely token is taken), before penalty, bans and truncation: what
/// <see cref="Scoring.TeacherForcing"/> gives for it.
/// </param>
/// <param name="Stop">The stop text that ended it, or null.</param>
public sealed record GeneratedSequence(int[] Tokens, bool Finished, float[] LogProbs, string? Stop = null)
{
    /// <summary>Refuses what a model wrote whose logits were not numbers: the text means nothing.</summary>
    /// <param name="model">The model's name, for the message.</param>
    /// <exception cref="Core.RomaException">A log-probability is not finite.</exception>
    public GeneratedSequence RefuseBroken(string model) => LogProbs.All(float.IsFinite) ? this
        : throw new Core.RomaException($"The outputs of {model} are not finite: its weights are damaged, or were trained until they overflowed.", "Use another checkpoint.");
}
