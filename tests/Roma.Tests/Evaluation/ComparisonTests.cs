using Roma.Core;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;

namespace Roma.Tests.Evaluation;

public class ComparisonTests
{
    private static readonly ResultLog Baseline = SyntheticLog.Make("grpo", c => c.IsClean ? 0.8 : 0.6 - 0.08 * c.Severity);

    [Fact]
    public void EqualLogsDoNotDiffer()
    {
        Comparison comparison = Comparison.Of(Baseline, Baseline, "a", "b");
        Assert.Equal(["clean", "seen", "unseen"], comparison.Verdicts.Select(v => v.Group));
        Assert.All(comparison.Verdicts, v => Assert.Equal((0.0, 1.0, 1.0, 0.0, false), (v.Counts.Difference, v.McNemarHolm, v.ClusteredHolm, v.Interval.HalfWidth, v.IsSignificant)));
        Assert.Equal(25, comparison.Cells.Count);
    }

    [Fact]
    public void PairsAreCountedByHand()
    {
        // The candidate is wrong on clean samples 0..9 and right on every corrupted view of samples 0..39, else as the baseline.
        ResultLog candidate = Baseline.With(r => r with { Verdict = r.Cell.IsClean ? r.Index < 10 ? Verdict.Incorrect : r.Verdict : r.Index < 40 ? Verdict.Correct : r.Verdict });
        Comparison comparison = Comparison.Of(Baseline, candidate);
        int lost = Baseline.Records.Count(r => r.Cell.IsClean && r.Index < 10 && r.IsCorrect);
        int won = Baseline.Records.Count(r => r.Corruption is "fog" or "contrast" or "pixelate" && r.Index < 40 && !r.IsCorrect);
        (PairedVerdict clean, PairedVerdict unseen) = (comparison.Verdicts[0], comparison.Verdicts[2]);
        Assert.Equal((0, lost), (clean.Counts.OnlyFirst, clean.Counts.OnlySecond));
        Assert.Equal((won, 0), (unseen.Counts.OnlyFirst, unseen.Counts.OnlySecond));
        Assert.Equal(McNemar.Exact(0, lost), clean.McNemarP);
        Assert.Equal(-lost / 200.0, clean.Clustered.Mean, 12);
        Assert.True(unseen.IsSignificant && unseen.Interval.Low > 0);
        Assert.True(unseen.Interval.HalfWidth > unseen.Newcombe.HalfWidth, "samples repeat over cells: the clustered interval must be wider");
        Assert.Equal(MultipleTesting.Holm([.. comparison.Verdicts.Select(v => v.McNemarP)]), comparison.Verdicts.Select(v => v.McNemarHolm));
        Assert.All(comparison.Cells, c => Assert.Equal(80, c.Counts.Total));
    }

    [Fact]
    public void ChanceDifferencesAreRejectedAtTheirRate()
    {
        // Both runs have the same chances: 5 % of 100 comparisons, on the seen group alone, are wrongly called different; 99 % of binomials lie in 1..12.
        int rejected = 0;
        for (int i = 0; i < 100; i++)
        {
            ResultLog a = SyntheticLog.Make("a", _ => 0.5, samples: 40, perCell: 40, seed: i), b = SyntheticLog.Make("b", _ => 0.5, samples: 40, perCell: 40, seed: i);
            rejected += Comparison.Of(a, b).Verdicts[1].ClusteredP <= 0.05 ? 1 : 0;
        }
        Assert.InRange(rejected, 1, 12);
    }

    [Fact]
    public void LogsThatDoNotPairAreRefused()
    {
        Assert.Throws<RomaException>(() => Comparison.Of(Baseline, SyntheticLog.Make("roma", _ => 0.5, settings: "other")));
        Assert.Throws<RomaException>(() => Comparison.Of(Baseline, Baseline with { Records = [.. Baseline.Records.Skip(1)] }));
        Assert.Throws<RomaException>(() => Comparison.Of(Baseline with { Records = [.. Baseline.Records.Skip(1)] }, Baseline));
    }
}
