namespace Roma.Evaluation.Answers;

/// <summary>
/// Decides whether a reply gives the reference answer. Implementations are sealed records whose constructor parameters are the YAML keys; they are pure, safe on many
/// threads, take time linear in the reply and never throw on any text.
/// </summary>
public interface IAnswerRule
{
    /// <summary>Whether some reply could be right by this rule; where none could, for example of an empty reference, a reward is undetermined.</summary>
    /// <param name="answer">The reference answer.</param>
    bool CanJudge(string answer);

    /// <summary>Extracts the answer from a reply and compares it.</summary>
    /// <param name="reply">What the model wrote; untrusted.</param>
    /// <param name="answer">The reference answer.</param>
    Judgement Judge(string reply, string answer);
}
