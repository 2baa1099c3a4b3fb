using System.Collections.Concurrent;
using System.Diagnostics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Xunit.Abstractions;

namespace Roma.Tests.Evaluation;

public class SuiteRunnerTests(ITestOutputHelper output)
{
    private readonly ConcurrentBag<(string, Cell)> _corrupted = [];

    // Writes the cell into the picture: green = severity, blue = the corruption's length.
    private CorruptionMatrix Matrix => new(
        new OrderedDictionary<string, IReadOnlyList<string>> { ["seen"] = ["a"], ["unseen"] = ["bb", "ccc"] }, [1, 3],
        (image, cell, _, id, _) =>
        {
            _corrupted.Add((id, cell));
            return new RgbImage(1, 1, [image.Pixels[0], (byte)cell.Severity, (byte)cell.Corruption.Length]);
        },
        "v1");

    private static EvaluationSuite Suite(CountingData? data = null, ulong seed = 0) => new("counting", 1, data ?? new(), new ExactAnswer(), Samples: 12, SamplesPerCell: 5, Seed: seed);

    // Right unless the corruption is severe; what it saw comes back.
    private static Reply Answer(Prompt prompt) => FakeEndpoint.Text(prompt.Images[0].Pixels[1] < 3 ? $" {prompt.Images[0].Pixels[0]} " : "no idea");

    [Fact]
    public void AsksEveryQuestionOnceWithItsPicture()
    {
        using var folder = new TemporaryFolder();
        var data = new CountingData();
        var endpoint = new FakeEndpoint(Answer);
        ResultLog log = new SuiteRunner(Suite(data), Matrix).Run(endpoint, folder.File("results.jsonl"));

        Assert.Equal(12 + 5 * 6, log.Records.Count);
        Assert.Equal(log.Header.Expected, log.Records.Count);
        Assert.Equal(log.Records.Count, log.Records.Select(r => r.Key).Distinct().Count());
        Assert.Equal(12, data.Reads);
        Assert.Equal(30, _corrupted.Distinct().Count());
        Assert.Equal(30, _corrupted.Count);
        Assert.All(log.Records, r => Assert.Equal((r.Severity < 3, $"counting-{r.Index}", $"{r.Index}"), (r.IsCorrect, r.Sample, r.Answer)));
    }

    [Fact]
    public void AFurtherRunTakesTheKeptPictures()
    {
        using var folder = new TemporaryFolder();
        var data = new CountingData();
        var runner = new SuiteRunner(Suite(data), Matrix, keepBytes: 1 << 10);
        ResultLog first = runner.Run(new FakeEndpoint(Answer), folder.File("first.jsonl")), second = runner.Run(new FakeEndpoint(Answer, name: "other"), folder.File("second.jsonl"));
        Assert.Equal((12, 30), (data.Reads, _corrupted.Count));
        Assert.Equal(first.Records, second.Records);
        Assert.All(Comparison.Of(first, second).Verdicts, v => Assert.Equal(0, v.Counts.Difference));
    }

    [Fact]
    public void AnInterruptedRunGoesOnAfterItsLastWholeLine()
    {
        using var folder = new TemporaryFolder();
        new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(Answer), folder.File("whole.jsonl"));
        string[] whole = File.ReadAllLines(folder.File("whole.jsonl"));
        for (int lines = 0; lines < whole.Length; lines += 6)
        {
            string torn = folder.File($"torn-{lines}.jsonl");
            File.WriteAllText(torn, string.Concat(whole.Take(lines).Select(l => l + '\n')) + whole[lines][..20]);
            var endpoint = new FakeEndpoint(Answer);
            new SuiteRunner(Suite(), Matrix).Run(endpoint, torn);
            Assert.Equal(whole.Length - Math.Max(lines, 1), endpoint.Asked);
            Assert.Equal(whole.Skip(1), File.ReadAllLines(torn).Skip(1));
        }
    }

    [Fact]
    public void CancellingKeepsWhatWasAnswered()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        int asked = 0;
        var endpoint = new FakeEndpoint(prompt =>
        {
            if (++asked == 10)
                cancel.Cancel();
            return Answer(prompt);
        });
        Assert.ThrowsAny<OperationCanceledException>(() => new SuiteRunner(Suite(), Matrix).Run(endpoint, folder.File("results.jsonl"), cancellation: cancel.Token));
        Assert.Equal(14, ResultLog.Read(folder.File("results.jsonl")).Records.Count);
    }

    [Fact]
    public void FailedRepliesAreCountedAndAskedAgain()
    {
        using var folder = new TemporaryFolder();
        ResultLog first = new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(p => p.Images[0].Pixels[0] == 3 ? new("3", ReplyStatus.Failed, 0) : Answer(p)), folder.File("results.jsonl"));
        Assert.Equal(new Score(new(11, 12), 1, 0, 1), RunSummary.Of(first).Clean);
        var endpoint = new FakeEndpoint(Answer);
        ResultLog second = new SuiteRunner(Suite(), Matrix).Run(endpoint, folder.File("results.jsonl"));
        Assert.Equal(7, endpoint.Asked);
        Assert.Equal(first.Records.Select(r => r.Key), second.Records.Select(r => r.Key));
        Assert.Equal(12, RunSummary.Of(second).Clean.Accuracy.Count);
    }

    [Fact]
    public void ALogOfOtherSettingsAndAnyOtherFileIsRefusedUntouched()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("results.jsonl");
        new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(Answer), path);
        byte[] before = File.ReadAllBytes(path);
        Assert.Throws<RomaException>(() => new SuiteRunner(Suite(seed: 1), Matrix).Run(new FakeEndpoint(Answer), path));
        Assert.Throws<RomaException>(() => new SuiteRunner(Suite(), Matrix with { Definition = "v2" }).Run(new FakeEndpoint(Answer), path));
        Assert.Throws<RomaException>(() => new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(Answer, name: "other"), path));
        Assert.Equal(before, File.ReadAllBytes(path));

        foreach (string foreign in new[] { "{\"precious\": 1}", "{\"precious\": 1}\n", "text" })
        {
            File.WriteAllText(path, foreign);
            Assert.Throws<RomaException>(() => new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(Answer), path));
            Assert.Equal(foreign, File.ReadAllText(path));
        }
    }

    [Fact]
    public void ABrokenLineIsNamed()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("results.jsonl");
        new SuiteRunner(Suite(), Matrix).Run(new FakeEndpoint(Answer), path);
        string[] lines = File.ReadAllLines(path);
        lines[4] = lines[4][..30];
        File.WriteAllLines(path, lines);
        Assert.Contains("line 5", Assert.Throws<RomaException>(() => ResultLog.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheShippedBenchmarksLoadAndResolve()
    {
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "eval-suites"), "*.yaml");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            var suite = StrictYaml.Load<EvaluationSuite>(file);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), suite.Name);
            CorruptionMatrix matrix = CorruptionMatrix.Of(suite, Catalogue.Default);
            Assert.Equal(suite.Suites.Select(Catalogue.Default.Group), matrix.Groups.Keys);
            Sample sample = suite.Data.Get(0);
            var runner = new SuiteRunner(suite, matrix);
            Assert.All(matrix.Cells, cell => Assert.Equal(sample.Images[0].Width, runner.Prompt(sample, cell).Images[0].Width));
            output.WriteLine($"{suite.Name}: {runner.Total} questions");
        }
    }

    [Fact]
    public void TheDigitGridsOwnResponsesAreRight()
    {
        using var folder = new TemporaryFolder();
        var suite = StrictYaml.Load<EvaluationSuite>(Path.Combine(AppContext.BaseDirectory, "eval-suites", "digit-grid.yaml"), ["samples=300", "samples_per_cell=20"]);
        Assert.All(Enumerable.Range(0, 300), i => Assert.Equal(Verdict.Correct, suite.Answer.Judge(suite.Data.Response(i), suite.Data.Get(i).Answer).Verdict));

        var watch = Stopwatch.StartNew();
        ResultLog log = new SuiteRunner(suite, CorruptionMatrix.Of(suite, Catalogue.Default)).Run(new FakeEndpoint(_ => FakeEndpoint.Text("1+1=2"), batchSize: 256), folder.File("results.jsonl"));
        output.WriteLine($"{log.Records.Count} questions in {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(log.Records.Count(r => r.Answer == "2"), log.Records.Count(r => r.IsCorrect));
    }
}
