using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Experiments;

/// <summary>An accuracy as it stands in an experiment's summary.</summary>
/// <param name="Accuracy">Share of right answers, 0 to 1.</param>
/// <param name="Count">Number of questions.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of the 95 % interval.</param>
/// <param name="Retention">Mean corrupted accuracy over clean accuracy; NaN (null in JSON) where there is none, as for clean.</param>
public sealed record ExperimentScore(double Accuracy, int Count, double Low, double High, double Retention)
{
    internal static ExperimentScore Of(Score clean) => Of(clean, clean.Interval, double.NaN);

    internal static ExperimentScore Of(GroupSummary group) => Of(group.Score, group.Interval, group.Retention?.Ratio ?? double.NaN);

    private static ExperimentScore Of(Score score, Interval interval, double retention) => new(score.Accuracy.Value, score.Total, interval.Low, interval.High, retention);
}
