using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;
using Roma.Evaluation.Suites;

namespace Roma.Tests.Evaluation;

public class RunSummaryTests
{
    // Clean: samples below 150 are right. Corrupted: those below 10 x (6 - severity), so 50, 40, 30, 20, 10 of 80; fog one severity harder.
    private static readonly ResultLog Log = SyntheticLog.Make("m", _ => 0).With(r => r with
    {
        Verdict = r.Index < (r.Cell.IsClean ? 150 : 10 * (6 - r.Severity - (r.Corruption == "fog" ? 1 : 0))) ? Verdict.Correct : Verdict.Incorrect,
        Extracted = r.Index < 150 && r.Cell.IsClean ? "a" : "b",
    });

    [Fact]
    public void CountsByHandAgree()
    {
        RunSummary summary = RunSummary.Of(Log);
        Assert.True(summary.IsComplete);
        Assert.Equal(new Proportion(150, 200), summary.Clean.Accuracy);
        Assert.Equal(["seen", "unseen"], summary.Groups.Select(g => g.Name));
        (GroupSummary seen, GroupSummary unseen) = (summary.Groups[0], summary.Groups[1]);
        Assert.Equal(new Proportion(2 * 150, 2 * 400), seen.Score.Accuracy);
        Assert.Equal(new Proportion(2 * 150 + 100, 3 * 400), unseen.Score.Accuracy);
        Assert.Equal(0.375 / 0.75, seen.Retention!.Ratio, 12);
        Assert.Equal((new Cell("fog", 5), 0), (summary.Worst!.Cell, summary.Worst.Score.Accuracy.Count));
        Assert.Equal(40.0 / 80, seen.Severities[2].Mean, 12);
        Assert.Equal((10, 15), (seen.Cells.Count, unseen.Cells.Count));
        Assert.Equal((800, 1.0), (seen.Flips.Total, seen.Flips.FlipRate));
        Assert.Equal(1 - 0.375, seen.Flips.Destructive, 12);
        Assert.Equal(["max", "sum"], summary.Categories.Select(c => c.Category));
        Assert.Equal(new Proportion(75, 100), summary.Categories[1].Clean.Accuracy);
    }

    [Fact]
    public void AnIntervalOfAnAccuracyLiesWithin0To1AndIsNotKnownWhereNothingVaries()
    {
        GroupSummary Group(Func<ResultRecord, bool> right) => RunSummary.Of(SyntheticLog.Make("m", _ => 0, samples: 5, perCell: 5)
            .With(r => r with { Verdict = right(r) ? Verdict.Correct : Verdict.Incorrect })).Groups[0];
        Assert.InRange(Group(r => r.Index is 0 or 1).Clustered.TInterval().Low, -1, -0.1);
        Assert.Equal(0, Group(r => r.Index is 0 or 1).Interval.Low);
        Assert.Equal(1, Group(r => r.Index > 1).Interval.High);
        Assert.Equal(Interval.Undefined, Group(_ => false).Interval);
        Assert.Equal(Interval.Undefined, Group(_ => true).Interval);
    }

    [Fact]
    public void TheClusteredIntervalOfAGroupIsThatOfSampleMeans()
    {
        // Every sample has as many cells, so the clustered t interval is the plain one over the means of samples.
        GroupSummary seen = RunSummary.Of(Log).Groups[0];
        double[] means = [.. Log.Records.Where(r => SyntheticLog.Groups["seen"].Contains(r.Corruption)).GroupBy(r => r.Index).Select(s => s.Average(r => r.IsCorrect ? 1.0 : 0))];
        double mean = means.Average(), se = Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (means.Length - 1) / means.Length), t = StudentT.Quantile(0.975, means.Length - 1);
        Assert.Equal(mean - t * se, seen.Interval.Low, 12);
        Assert.Equal(mean + t * se, seen.Interval.High, 12);
    }

    [Fact]
    public void UnparsedTruncatedAndFailedAreCounted()
    {
        Score score = RunSummary.Of(Log.With(r => !r.Cell.IsClean ? r : r with
        {
            Verdict = r.Index % 10 == 0 ? Verdict.Unparsed : r.Verdict,
            Status = r.Index % 20 == 0 ? ReplyStatus.Failed : r.Index % 20 == 10 ? ReplyStatus.Truncated : ReplyStatus.Finished,
        })).Clean;
        Assert.Equal(new Score(new(135, 200), 20, 10, 10), score);
    }

    [Fact]
    public void AnUnfinishedRunSaysSo()
    {
        RunSummary summary = RunSummary.Of(Log with { Records = [.. Log.Records.Take(20)] });
        Assert.False(summary.IsComplete);
        Assert.Equal(20, summary.Recorded);
        Assert.Equal(0, RunSummary.Of(Log with { Records = [] }).Clean.Total);
    }
}
