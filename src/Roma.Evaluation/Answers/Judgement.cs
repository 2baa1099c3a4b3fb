namespace Roma.Evaluation.Answers;

/// <summary>A verdict and the answer it is about.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Extracted">The answer found in the reply; null where none was.</param>
public readonly record struct Judgement(Verdict Verdict, string? Extracted)
{
    /// <summary>No answer was found.</summary>
    public static readonly Judgement Unparsed = new(Verdict.Unparsed, null);

    /// <summary>A found answer, right or wrong.</summary>
    /// <param name="extracted">The answer.</param>
    /// <param name="correct">Whether it is the reference answer.</param>
    public static Judgement Of(string extracted, bool correct) => new(correct ? Verdict.Correct : Verdict.Incorrect, extracted);
}
