using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The letter of an option. What a <c>\boxed{}</c> or <c>&lt;answer&gt;</c> holds counts first, then a letter that the reply calls its answer, then the last one that stands alone. The reference is the letter, bare or
/// as in "(B)" and "B. 12 cm".
/// </summary>
/// <param name="Options">How many options there are, 2 to 26.</param>
[Name("multiple_choice")]
public sealed partial record MultipleChoiceAnswer(int Options = 26) : IAnswerRule
{
    /// <summary>How many options there are.</summary>
    public int Options { get; } = Options is >= 2 and <= 26 ? Options : throw new RomaException($"options is 2 to 26, not {Options}.");

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer) => (Marked(reply) ?? Said(reply) ?? Alone(reply)) is { } letter
        ? Judgement.Of($"{letter}", letter == Leading(answer))
        : Judgement.Unparsed;

    private char? Marked(string reply) => AnswerText.Marked(reply) is { } text ? Leading(text) : null;

    private char? Said(string reply) => Last(Stated().EnumerateMatches(reply), reply, match => match[^1]);

    private char? Alone(string reply) => Last(Standing().EnumerateMatches(reply), reply, match => match[^1]);

    private char? Leading(string text)
    {
        string trimmed = text.TrimStart(' ', '(', '[', '*', '\n', '$', '{');
        return trimmed.Length > 0 && IsOption(trimmed[0]) && (trimmed.Length == 1 || !char.IsLetterOrDigit(trimmed[1])) ? char.ToUpperInvariant(trimmed[0]) : null;
    }

    private char? Last(Regex.ValueMatchEnumerator matches, string text, Func<string, char> letterOf)
    {
        char? found = null;
        foreach (ValueMatch match in matches)
            if (letterOf(text.Substring(match.Index, match.Length)) is var letter && IsOption(letter))
                found = char.ToUpperInvariant(letter);
        return found;
    }

    private bool IsOption(char letter) => char.IsAsciiLetter(letter) && char.ToUpperInvariant(letter) - 'A' < Options;

    [GeneratedRegex(@"(?i:answer|option|choice)(?i: is|:)?[\s:*(\[]{0,6}[A-Za-z](?![A-Za-z0-9'])", RegexOptions.CultureInvariant)]
    private static partial Regex Stated();

    // A capital that is no word of its own: "I" and "A" before a space and a letter are English.
    [GeneratedRegex(@"(?<![A-Za-z0-9'])[(\[*]{0,3}[A-Z](?![A-Za-z0-9'])(?! [a-z])", RegexOptions.CultureInvariant)]
    private static partial Regex Standing();
}
