using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Results;

/// <summary>What became of a set of questions. Unparsed, truncated and failed replies count as questions that were asked.</summary>
/// <param name="Accuracy">Right ones among all.</param>
/// <param name="Unparsed">Replies without an answer, failed ones included.</param>
/// <param name="Truncated">Replies that ran into the token limit.</param>
/// <param name="Failed">Replies that failed.</param>
public readonly record struct Score(Proportion Accuracy, int Unparsed, int Truncated, int Failed)
{
    /// <summary>Number of questions.</summary>
    public int Total => Accuracy.Total;

    /// <summary>The Wilson interval of the accuracy at 95 %.</summary>
    public Interval Interval => Accuracy.Wilson();

    /// <summary>Counts records.</summary>
    /// <param name="records">Any records.</param>
    public static Score Of(IEnumerable<ResultRecord> records)
    {
        (int correct, int total, int unparsed, int truncated, int failed) = (0, 0, 0, 0, 0);
        foreach (ResultRecord record in records)
        {
            total++;
            correct += record.IsCorrect ? 1 : 0;
            unparsed += record.Verdict == Verdict.Unparsed ? 1 : 0;
            truncated += record.Status == ReplyStatus.Truncated ? 1 : 0;
            failed += record.Status == ReplyStatus.Failed ? 1 : 0;
        }
        return new(new(correct, total), unparsed, truncated, failed);
    }
}
