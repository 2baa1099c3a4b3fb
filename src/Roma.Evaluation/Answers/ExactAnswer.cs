using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>The same text, apart from space around it.</summary>
/// <param name="After">The answer is what follows the last occurrence of this, for example "="; null takes the whole reply.</param>
/// <param name="IgnoreCase">Whether upper and lower case are the same.</param>
[Name("exact")]
public sealed record ExactAnswer(string? After = null, bool IgnoreCase = true) : IAnswerRule
{
    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer) => AnswerText.After(reply, After) is { } text
        ? Judgement.Of(text, text.Equals(answer.Trim(), IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        : Judgement.Unparsed;
}
