namespace Roma.Evaluation.Suites;

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Questions answered, those of an earlier, interrupted run included.</param>
/// <param name="Total">Questions in all.</param>
/// <param name="Resumed">Questions answered by the earlier run.</param>
/// <param name="Correct">Right ones among those answered by this run.</param>
/// <param name="Unparsed">Replies of this run without an answer.</param>
/// <param name="Truncated">Replies of this run that ran into the token limit.</param>
/// <param name="Failed">Replies of this run that failed.</param>
/// <param name="Elapsed">Time since this run began.</param>
public readonly record struct EvaluationProgress(int Done, int Total, int Resumed, int Correct, int Unparsed, int Truncated, int Failed, TimeSpan Elapsed)
{
    /// <summary>The time left at the present rate; null before the first answer.</summary>
    public TimeSpan? Remaining => Done > Resumed ? Elapsed * ((double)(Total - Done) / (Done - Resumed)) : null;

    /// <summary>This plus one answer.</summary>
    internal EvaluationProgress Add(Results.ResultRecord record) => this with
    {
        Done = Done + 1,
        Correct = Correct + (record.IsCorrect ? 1 : 0),
        Unparsed = Unparsed + (record.Verdict == Answers.Verdict.Unparsed ? 1 : 0),
        Truncated = Truncated + (record.Status == Endpoints.ReplyStatus.Truncated ? 1 : 0),
        Failed = Failed + (record.Status == Endpoints.ReplyStatus.Failed ? 1 : 0),
    };
}
