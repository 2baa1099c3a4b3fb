using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The letter of an option, looked for behind the last <c>&lt;/think&gt;</c>: in a <c>\boxed{}</c> or <c>&lt;answer&gt;</c>, then what the reply calls its answer or correct, then a letter that begins a line, then the last one that
/// stands alone. Letters in a negation or in a list are no choice, nor are several that are called the answer. The reference is the letter, bare or as in "(B)" and "B. 12 cm".
/// </summary>
/// <param name="Options">How many options there are, 2 to 26.</param>
[Name("multiple_choice")]
public sealed partial record MultipleChoiceAnswer(int Options = 26) : IAnswerRule
{
    // Not before a letter: a negation, or another letter as in "A, B" and "A or B". Not after one: more of a word, another letter, a denial.
    private const string
        Join = @"(?:,|\s?[/&]|,?\s(?:and|or))\s{0,9}[(\[]?",
        Begin = @"(?<![A-Z][)\]]?" + Join + @")(?<!(?i:not|n't|\bnor|\bneither|\bnever|\bout|\bexclude|\beliminate|\breject)(?i:\s{1,9}(?:be|is|the|answer|option|choice)){0,4}\s{0,9}[(\[]?)",
        End = @"(?![A-Za-z0-9'])(?![)\]]?" + Join + @"[A-Z](?![A-Za-z0-9']))",
        NotWrong = @"(?![)\]]?\s+(?i:is|are|was|looks|seems|can|could|does)(?i:n't|not|\s+(?:not|clearly|obviously|also))*\s*(?i:\bnot\b|n't|\bwrong|\bincorrect|\bfalse|\btoo\b|\bout\b|\bexcluded|\bimpossible))";

    /// <summary>How many options there are.</summary>
    public int Options { get; } = Options is >= 2 and <= 26 ? Options : throw new RomaException($"options is 2 to 26, not {Options}.");

    /// <inheritdoc/>
    public bool CanJudge(string answer) => Letter(answer) is not null;

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer)
    {
        string final = Bare(AnswerText.Final(reply));
        char? letter = AnswerText.Marked(reply) is { } marked ? Chosen(Bare(marked)) ?? Single(Stated(), final) : Chosen(final);
        return letter is { } chosen ? Judgement.Of($"{chosen}", chosen == Letter(answer)) : Judgement.Unparsed;
    }

    private char? Chosen(string text) => Stated().IsMatch(text) ? Single(Stated(), text) : Single(Line(), text) ?? Letters(Standing(), text).Cast<char?>().LastOrDefault();

    private char? Single(Regex mentions, string text) => Letters(mentions, text).Distinct().Take(2).ToArray() is [var only] ? only : null;

    private IEnumerable<char> Letters(Regex mentions, string text) =>
        mentions.Matches(text).Select(match => char.ToUpperInvariant(match.Groups["letter"].Value[0])).Where(letter => letter - 'A' < Options);

    private char? Letter(string answer) => Leading().Match(Bare(AnswerText.Reference(answer))) is { Success: true } match && char.ToUpperInvariant(match.Groups["letter"].Value[0]) is var letter && letter - 'A' < Options ? letter : null;

    /// <summary>Without fonts, quotes and tags, full-width characters as ASCII.</summary>
    private static string Bare(string text) =>
        Dress().Replace(Font().Replace(string.Concat(text.Select(c => c is >= '！' and <= '～' ? (char)(c - '！' + '!') : c)), "$1"), "").Trim();

    [GeneratedRegex(@"\\(?:text|math)[a-z]*\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Font();

    [GeneratedRegex(@"[*`$""“”{}]|</?[A-Za-z]{1,10}>|(?<![A-Za-z])'(?=[A-Za-z]')|(?<='[A-Za-z])'", RegexOptions.CultureInvariant)]
    private static partial Regex Dress();

    [GeneratedRegex(@"^[(\[]?(?<letter>[A-Za-z])(?![A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Leading();

    [GeneratedRegex(@"(?i:answer|correct\s+(?:option|choice))[\s:=<>-]{0,6}(?i:(?:is|must\s+be|should\s+be|would\s+be)\b)?[\s:=<>-]{0,6}(?i:(?:option|choice)\b)?[\s:=<(\[-]{0,6}"
        + "(?:(?<letter>[B-Z])|(?<letter>[Aa-z])(?!\\s+[a-z0-9])|(?<letter>A)(?=\\s+(?:because|since|as|is|and)\\b))" + End
        + "|(?<![A-Za-z0-9'])" + Begin + "(?<letter>[A-Z])" + End + @"(?=[)\]]?\s+(?:is|must\s+be)\s+(?:the\s+)?(?:only\s+)?(?:correct|right|best|true|answer)\b)", RegexOptions.CultureInvariant)]
    private static partial Regex Stated();

    [GeneratedRegex(@"^[ \t]*[(\[]?(?<letter>[A-Za-z])" + End + @"(?:[)\].:;,?!>]|[ \t\r]*$)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Line();

    // "A" before a word or a number is English, and so is any letter before a word unless it is called an option.
    [GeneratedRegex("(?<![A-Za-z0-9'])" + Begin + @"(?:(?i:option|choice)\s+[(\[]?(?<letter>[A-Za-z])|(?<letter>[A-Z])(?!\s(?!(?:because|since)\b)[a-z])(?<!A(?=\s[0-9])))" + End + NotWrong, RegexOptions.CultureInvariant)]
    private static partial Regex Standing();
}
