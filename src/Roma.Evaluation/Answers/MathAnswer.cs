using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The same quantity however it is written: <c>\frac{1}{2}</c>, 1/2, 0.5 and 50% are one answer, <c>2\sqrt{3}</c> is 3.4641, <c>2\frac{1}{2}</c> is 2.5. Looked for in the last <c>\boxed{}</c>, else in the last
/// <c>&lt;answer&gt;</c>, else the expression with the last number of the reply, each behind the last <c>&lt;/think&gt;</c>. Units are not compared. What is no expression is compared as text without LaTeX's dress;
/// lists, pairs and intervals part by part with their brackets, sets in any order.
/// </summary>
/// <param name="RelativeTolerance">Allowed deviation as a share of the reference, 0 or more; a reference that is a whole number or has a variable allows none.</param>
[Name("math")]
public sealed partial record MathAnswer(double RelativeTolerance = 1e-4) : IAnswerRule
{
    private const int LongestAnswer = 1000;

    /// <summary>Allowed deviation as a share of the reference.</summary>
    public double RelativeTolerance { get; } = RelativeTolerance >= 0 ? RelativeTolerance : throw new RomaException(FormattableString.Invariant($"relative_tolerance is 0 or more, not {RelativeTolerance}."));

    /// <inheritdoc/>
    public bool CanJudge(string answer) => MathText.Compact(AnswerText.Reference(answer)).Length is > 0 and <= LongestAnswer;

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer)
    {
        string? found = AnswerText.Marked(reply) ?? MathText.LastExpression(AnswerText.Final(reply));
        return string.IsNullOrWhiteSpace(found) || found.Length > LongestAnswer ? Judgement.Unparsed
            : Judgement.Of(found, CanJudge(answer) && Same(MathText.Compact(found), MathText.Compact(AnswerText.Reference(answer))));
    }

    private bool Same(string found, string reference)
    {
        (Match left, Match right) = (Named().Match(found), Named().Match(reference));
        if (left.Success && right.Success && left.Value != right.Value)
            return false;
        (found, reference) = (Ungrouped(found[left.Length..]), Ungrouped(reference[right.Length..]));
        if (found == reference)
            return found.Length > 0;
        (string brackets, string[] parts) = Parts(found);
        (string around, string[] expected) = Parts(reference);
        return parts.Length == 1 && expected.Length == 1 && SameValue(found, reference)
            || brackets == around && parts.Length == expected.Length && brackets.Length + parts.Length > 1 && parts.Zip(expected).All(pair => Same(pair.First, pair.Second));
    }

    private bool SameValue(string found, string reference)
    {
        if (MathExpression.Evaluate(found, 0) is not { } value || MathExpression.Evaluate(found, 1) is not { } other
            || MathExpression.Evaluate(reference, 0) is not { } expected || MathExpression.Evaluate(reference, 1) is not { } too)
            return false;
        double tolerance = expected == too ? RelativeTolerance : 0;
        return Equal(1, 1) || found.EndsWith('%') != reference.EndsWith('%') && (Equal(100, 1) || Equal(1, 100));

        bool Equal(double left, double right) => Close(left * value, right * expected, tolerance) && Close(left * other, right * too, tolerance);
    }

    private static bool Close(double value, double expected, double tolerance)
    {
        double size = Math.Abs(expected), rounding = Math.Max(1e-9, 1e-13 * size);
        bool whole = Math.Abs(size - Math.Round(size)) <= rounding;
        return Math.Abs(value - expected) <= (whole ? rounding : Math.Max(rounding, tolerance * size));
    }

    /// <summary>The brackets around the whole text ("" where there are none) and what stands between the commas inside, in a set by size.</summary>
    private static (string Brackets, string[] Parts) Parts(string text)
    {
        int[] depths = new int[text.Length];
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
            depths[i] = depth += text[i] is '(' or '[' or '{' ? 1 : text[i] is ')' or ']' or '}' ? -1 : 0;
        int around = depth == 0 && text.Length > 2 && depths.AsSpan(0, text.Length - 1).IndexOfAnyInRange(int.MinValue, 0) < 0 ? 1 : 0;
        var parts = new List<string>();
        int start = around;
        for (int i = around; i < text.Length - around; i++)
            if (text[i] is ',' or ';' && depths[i] == around)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        parts.Add(text[start..(text.Length - around)]);
        string brackets = around == 0 ? "" : $"{text[0]}{text[^1]}";
        return (brackets, brackets == "{}" ? [.. parts.OrderBy(part => MathExpression.Evaluate(part) ?? double.MaxValue).ThenBy(part => part, StringComparer.Ordinal)] : [.. parts]);
    }

    private static string Ungrouped(string text) => Thousands().IsMatch(text) ? text.Replace(",", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal) : text;

    [GeneratedRegex(@"^(?:m?\\angle)?(?:\\triangle)?[a-z]+'?(?:_(?:[a-z0-9]|\{[a-z0-9]+\}))?(?:\([a-z]\))?=", RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"^[-+]?[0-9]{1,3}(?:[, ][0-9]{3})+(?:\.[0-9]+)?%?$", RegexOptions.CultureInvariant)]
    private static partial Regex Thousands();
}
