namespace Roma.Evaluation.Answers;

/// <summary>What an answer rule says of a reply. Unparsed counts as not correct and is reported beside the accuracy.</summary>
public enum Verdict
{
    /// <summary>The reference answer.</summary>
    Correct,

    /// <summary>Another answer.</summary>
    Incorrect,

    /// <summary>No answer was found in the reply.</summary>
    Unparsed,
}
