using System.Text.RegularExpressions;

namespace Roma.Evaluation.Answers;

/// <summary>One way of writing a quantity: without what changes how it looks and not what it is.</summary>
internal static partial class MathText
{
    /// <summary>Without dollar signs, LaTeX spacing, fonts and units; signs in ASCII, mixed numbers as sums, ", " between parts as ";". Words keep their spaces.</summary>
    public static string Plain(string text)
    {
        string plain = Dress().Replace(text, "").Replace("{,}", ",", StringComparison.Ordinal).Replace("\\{", "{", StringComparison.Ordinal).Replace("\\}", "}", StringComparison.Ordinal)
            .Replace('\u2212', '-').Replace("²", "^2", StringComparison.Ordinal).Replace("³", "^3", StringComparison.Ordinal).Replace("\\%", "%", StringComparison.Ordinal);
        plain = Fraction().Replace(Font().Replace(Gap().Replace(plain, " "), " $1 "), "\\frac").ToLowerInvariant();
        plain = Mixed().Replace(Unit().Replace(plain, ""), "($1+$2)");
        return Separator().Replace(plain, ";");
    }

    /// <summary>A single answer in plain writing, without a full stop at its end and without space but for one between two digits.</summary>
    public static string Compact(string text) => Space().Replace(Spaces().Replace(Plain(text).Trim().Trim('*'), " "), "").TrimEnd('.');

    /// <summary>The last number of a text with the whole expression that it is part of; null where there is none.</summary>
    public static string? LastExpression(string text)
    {
        string tight = Operator().Replace(Plain(text), "$1");
        int end = tight.AsSpan().LastIndexOfAnyInRange('0', '9'), start = end;
        if (end < 0)
            return null;
        while (start > 0 && IsPart(tight, start - 1))
            start--;
        while (end + 1 < tight.Length && IsPart(tight, end + 1))
            end++;
        ReadOnlySpan<char> found = tight.AsSpan(start, end + 1 - start).Trim("*_,.^/ ");
        while (found.Length > 0 && ")]}".Contains(found[^1], StringComparison.Ordinal) && found.ContainsAny("([{") == false)
            found = found[..^1].TrimEnd("*_,.");
        while (found.Length > 0 && "([{".Contains(found[0], StringComparison.Ordinal) && found.ContainsAny(")]}") == false)
            found = found[1..];
        return found.ToString();
    }

    // A space is part of an expression between a number and what multiplies it or makes it a mixed number.
    private static bool IsPart(string text, int at) => char.IsAsciiLetterOrDigit(text[at]) || ".,+-*/^()[]{}\\_%π√×÷·".Contains(text[at], StringComparison.Ordinal)
        || text[at] == ' ' && at > 0 && at + 1 < text.Length && (char.IsAsciiDigit(text[at - 1]) || text[at - 1] == '}') && (char.IsAsciiDigit(text[at + 1]) || "\\π√".Contains(text[at + 1], StringComparison.Ordinal));

    [GeneratedRegex(@"\\left(?![a-z])|\\right(?![a-z])|\\displaystyle|\\approx|≈|\\[,!]|\\?\$|\\[()\[\]]|\^\{?\\circ\}?|\\circ|\\degree|°", RegexOptions.CultureInvariant)]
    private static partial Regex Dress();

    [GeneratedRegex(@"\\[;: ]|\\q?quad|~|\u00a0", RegexOptions.CultureInvariant)]
    private static partial Regex Gap();

    [GeneratedRegex(@"\\(?:text(?:bf|rm|it|normal)?|math(?:rm|bf|it)|mbox)\{([^{}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Font();

    [GeneratedRegex(@"\\[dtc]frac", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();

    // A single letter is a unit only after a space: 5m is a product.
    [GeneratedRegex(@"(?<=[0-9)}\]π]|\\pi)\s*(?:(?:square|sq\.?|cubic)?\s*(?:units?|(?:kilo|centi|milli)?met(?:er|re)s?|[kcm]m|inch(?:es)?|in|feet|foot|ft|yards?|yd|miles?|mi|degrees?|deg|radians?|rad|(?:kilo|milli)?grams?|kg|mg|seconds?|sec|minutes?|min|hours?|hrs?|dollars?|cents?)|(?<=\s)[mgs])(?![a-z])(?:\s?/\s?(?:min|sec|hr?|s|[kcm]?m)(?![a-z]))?\.?\s*(?:\^\{?\s*[23]\s*\}?)?", RegexOptions.CultureInvariant)]
    private static partial Regex Unit();

    [GeneratedRegex(@"(?<![a-z0-9.^_{\\])([0-9]+)(?:\s*(?=\\)|\s+)(\\frac\s*(?:\{[0-9]+\}|[0-9])\s*(?:\{[0-9]+\}|[0-9])|[0-9]+/[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Mixed();

    [GeneratedRegex(@",\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();

    [GeneratedRegex("(?<![0-9]) | (?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex Space();

    [GeneratedRegex(@"(?<=[0-9)}\]%π])\s*([-+*/^×÷·]|\\cdot|\\times|\\div)\s*(?=[-+]?[0-9.\\({π√])", RegexOptions.CultureInvariant)]
    private static partial Regex Operator();
}
