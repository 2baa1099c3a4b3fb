using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>The same text, apart from space around it: of the last <c>\boxed{}</c>, else the last <c>&lt;answer&gt;</c>, else of the whole reply behind the last <c>&lt;/think&gt;</c>.</summary>
/// <param name="After">The answer is what follows the last occurrence of this, for example "=", and nothing else is looked for; null takes the whole reply.</param>
/// <param name="IgnoreCase">Whether upper and lower case are the same.</param>
[Name("exact")]
public sealed record ExactAnswer(string? After = null, bool IgnoreCase = true) : IAnswerRule
{
    /// <inheritdoc/>
    public bool CanJudge(string answer) => !string.IsNullOrWhiteSpace(answer);

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer) => AnswerText.After(reply, After) is { } text
        ? Judgement.Of(text, text.Equals(AnswerText.Reference(answer), IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        : Judgement.Unparsed;
}
