using Roma.Core;
using Roma.Evaluation.Experiments;
using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;

namespace Roma.Tests.Evaluation;

public class ExperimentSummaryTests
{
    internal static ExperimentSummary Make() => new("demo", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), new Dictionary<string, string> { ["commit"] = "abc" },
    [
        .. from seed in Enumerable.Range(1, 3)
           from arm in new[] { "equal_steps", "equal_time" }
           from method in new[] { "grpo", "roma" }
           let log = SyntheticLog.Make(method, c => c.IsClean ? 0.8 : (method == "roma" ? 0.75 : 0.6) - 0.06 * c.Severity, seed: 10 * seed)
           select ExperimentRun.Of(RunSummary.Of(log), method, arm, seed, method == "roma" ? 500 : 800, 60 + seed),
    ]);

    [Fact]
    public void ItSurvivesItsFile()
    {
        using var folder = new TemporaryFolder();
        ExperimentSummary made = Make();
        made.Write(folder.File("summary.json"));
        ExperimentSummary read = ExperimentSummary.Read(folder.File("summary.json"));
        Assert.Equal(made.Runs.Count, read.Runs.Count);
        Assert.Equal(made.Runs.SelectMany(r => r.Scores), read.Runs.SelectMany(r => r.Scores));
        Assert.True(double.IsNaN(read.Runs[0].Scores["clean"].Retention));
        Assert.Equal(["clean", "seen", "unseen"], read.Groups());
        File.WriteAllText(folder.File("summary.json"), "{}");
        Assert.Throws<RomaException>(() => ExperimentSummary.Read(folder.File("summary.json")));
    }

    [Fact]
    public void DifferencesAreTakenSeedBySeed()
    {
        ExperimentSummary experiment = Make();
        IReadOnlyList<ExperimentRow> rows = experiment.Differences("roma", "grpo");
        Assert.Equal(["equal_steps", "equal_time"], rows.Select(r => r.Arm));
        double[] d = [.. Enumerable.Range(1, 3).Select(seed => Accuracy("roma", seed) - Accuracy("grpo", seed))];
        double mean = d.Average(), se = Math.Sqrt(d.Sum(x => (x - mean) * (x - mean)) / 2 / 3);
        SeedMean seen = rows[0].Scores["seen"];
        Assert.Equal(mean, seen.Mean, 12);
        Assert.Equal(mean - StudentT.Quantile(0.975, 2) * se, seen.Interval.Low, 12);
        Assert.Equal((3, -300.0), (seen.Seeds, rows[0].Steps));
        Assert.Equal(4, experiment.Means().Count);
        Assert.Empty(experiment.Differences("roma", "naive"));

        double Accuracy(string method, int seed) => experiment.Runs.Single(r => (r.Method, r.Arm, r.Seed) == (method, "equal_steps", seed)).Scores["seen"].Accuracy;
    }

    [Fact]
    public void OneSeedHasNoInterval() =>
        Assert.Equal(Interval.Undefined, (Make() with { Runs = [.. Make().Runs.Where(r => r.Seed == 1)] }).Means()[0].Scores["clean"].Interval);
}
