using System.Globalization;
using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Evaluation.Answers;

/// <summary>The last number of the reply (sign, thousands commas, decimals, exponent), within a tolerance. A reference answer that is no number is compared as text.</summary>
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
    public Judgement Judge(string reply, string answer)
    {
        if (AnswerText.After(reply, After) is not { } text)
            return Judgement.Unparsed;
        if (Parse(answer) is not { } reference)
            return Judgement.Of(text, text.Equals(answer.Trim(), StringComparison.OrdinalIgnoreCase));
        string? found = null;
        foreach (ValueMatch match in Number().EnumerateMatches(text))
            found = text.Substring(match.Index, match.Length);
        if (found is null || Parse(found) is not { } value)
            return Judgement.Unparsed;
        return Judgement.Of(found, Math.Abs(value - reference) <= Math.Max(AbsoluteTolerance, RelativeTolerance * Math.Abs(reference)));
    }

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static double NotNegative(double value, string key) =>
        value >= 0 ? value : throw new RomaException(FormattableString.Invariant($"{key} is 0 or more, not {value}."));

    // A minus after a digit or a bracket is an operator, not a sign: 5-3 ends in 3.
    [GeneratedRegex(@"(?:(?<![0-9)\]}])[-+])?(?:[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
