using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The same quantity however it is written: <c>\frac{1}{2}</c>, 1/2, 0.5 and 50% are one answer, <c>2\sqrt{3}</c> is 3.4641. Looked for in the last <c>\boxed{}</c>, else in the last <c>&lt;answer&gt;</c>, else the last
/// number of the reply. What is no expression is compared as text without LaTeX's dress; lists and pairs part by part.
/// </summary>
/// <param name="RelativeTolerance">Allowed deviation as a share of the reference, 0 or more.</param>
[Name("math")]
public sealed partial record MathAnswer(double RelativeTolerance = 1e-4) : IAnswerRule
{
    private const int LongestAnswer = 1000;
    private readonly NumericAnswer _last = new();

    /// <summary>Allowed deviation as a share of the reference.</summary>
    public double RelativeTolerance { get; } = RelativeTolerance >= 0 ? RelativeTolerance : throw new RomaException(FormattableString.Invariant($"relative_tolerance is 0 or more, not {RelativeTolerance}."));

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer)
    {
        string? found = AnswerText.Marked(reply) ?? _last.Judge(reply, "0").Extracted;
        return string.IsNullOrWhiteSpace(found) || found.Length > LongestAnswer ? Judgement.Unparsed : Judgement.Of(found, Same(found, AnswerText.Marked(answer) ?? answer));
    }

    private bool Same(string found, string reference)
    {
        (string left, string right) = (Undress(found), Undress(reference));
        if (left.Length == 0 || left == right)
            return left.Length > 0;
        (string[] lefts, string[] rights) = (Parts(left), Parts(right));
        if (lefts.Length != rights.Length)
            return false;
        if (lefts.Length > 1)
            return left[0] == right[0] && lefts.Zip(rights).All(pair => Same(pair.First, pair.Second));
        return MathExpression.Evaluate(lefts[0]) is { } value && MathExpression.Evaluate(rights[0]) is { } expected
            && (Close(value, expected) || left.EndsWith('%') != right.EndsWith('%') && (Close(100 * value, expected) || Close(value, 100 * expected)));
    }

    private bool Close(double value, double expected) => Math.Abs(value - expected) <= Math.Max(1e-9, RelativeTolerance * Math.Abs(expected));

    /// <summary>Without what changes how an answer looks and not what it is: dollar signs, spacing, text, units of degrees, "x =".</summary>
    private static string Undress(string text)
    {
        string bare = Dress().Replace(text, "");
        bare = Words().Replace(bare, "$1").Replace("\\dfrac", "\\frac", StringComparison.Ordinal).Replace("\\tfrac", "\\frac", StringComparison.Ordinal).Replace("\\%", "%", StringComparison.Ordinal);
        bare = Spaces().Replace(bare, "").TrimEnd('.').ToLowerInvariant();
        return Assignment().Replace(bare, "");
    }

    /// <summary>The parts of a pair, a set or a list; a comma before three digits groups thousands.</summary>
    private static string[] Parts(string text)
    {
        string inner = text.Length > 2 && "([{".Contains(text[0], StringComparison.Ordinal) && ")]}".Contains(text[^1], StringComparison.Ordinal) && text.Contains(',', StringComparison.Ordinal) ? text[1..^1] : text;
        return Thousands().IsMatch(inner) ? [inner.Replace(",", "", StringComparison.Ordinal)] : inner.Split(',');
    }

    [GeneratedRegex(@"\\left|\\right|\\displaystyle|\\[,;:! ]|\$|\^\{?\\circ\}?|\\degree|°|\\(?:text|mathrm)\{\s*(?:cm|mm|m|km|kg|g|s|units?|degrees?)(?:\^\{?[23]\}?)?\s*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Dress();

    [GeneratedRegex(@"\\(?:text|mathrm|textbf|mathbf)\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^[a-z](?:_\{?[a-z0-9]\}?)?=", RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Thousands();
}
