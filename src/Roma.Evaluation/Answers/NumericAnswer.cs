using System.Globalization;
using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The last number (sign, thousands commas, decimals, exponent) of the last <c>\boxed{}</c>, else of the last <c>&lt;answer&gt;</c>, else of the whole reply behind the last <c>&lt;/think&gt;</c>, within a tolerance. The
/// reference is a number, perhaps with a currency sign, per cent or a unit (not compared); a word is compared as text. One with several numbers, for example 3/4, cannot be judged.
/// </summary>
/// <param name="RelativeTolerance">Allowed deviation as a share of the reference, 0 or more; 0.05 is ChartQA's relaxed accuracy.</param>
/// <param name="AbsoluteTolerance">Allowed deviation, 0 or more; the larger of the two counts.</param>
/// <param name="After">Only what follows the last occurrence of this is searched; null searches the whole reply.</param>
[Name("numeric")]
public sealed partial record NumericAnswer(double RelativeTolerance = 0, double AbsoluteTolerance = 0, string? After = null) : IAnswerRule
{
    /// <summary>Allowed deviation as a share of the reference.</summary>
    public double RelativeTolerance { get; } = NotNegative(RelativeTolerance, "relative_tolerance");

    /// <summary>Allowed deviation.</summary>
    public double AbsoluteTolerance { get; } = NotNegative(AbsoluteTolerance, "absolute_tolerance");

    /// <inheritdoc/>
    public bool CanJudge(string answer) => !string.IsNullOrWhiteSpace(answer) && (Reference(answer) is not null || !answer.AsSpan().ContainsAnyInRange('0', '9'));

    /// <inheritdoc/>
    public Judgement Judge(string reply, string answer)
    {
        if (AnswerText.After(reply, After) is not { } text)
            return Judgement.Unparsed;
        if (Reference(answer) is not { } reference)
            return Judgement.Of(text, text.Equals(AnswerText.Reference(answer), StringComparison.OrdinalIgnoreCase));
        string? found = null;
        text = MathText.Plain(text);
        foreach (ValueMatch match in Number().EnumerateMatches(text))
            found = text.Substring(match.Index, match.Length);
        if (found is null || Parse(found) is not { } value)
            return Judgement.Unparsed;
        return Judgement.Of(found, Math.Abs(value - reference) <= Math.Max(AbsoluteTolerance, RelativeTolerance * Math.Abs(reference)));
    }

    private static double? Reference(string answer) =>
        MathText.Compact(AnswerText.Reference(answer)).Trim('%', '€', '£') is var bare && Number().Match(bare) is { Success: true } match && match.Length == bare.Length ? Parse(bare) : null;

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static double NotNegative(double value, string key) =>
        value >= 0 ? value : throw new RomaException(FormattableString.Invariant($"{key} is 0 or more, not {value}."));

    // A minus after a digit or a bracket is an operator, not a sign: 5-3 ends in 3. What a letter is raised to is no number of its own: cm^2.
    [GeneratedRegex(@"(?<![a-zA-Z]\^\{?)(?:(?<![0-9)\]}])[-+])?(?:[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
