using System.CommandLine;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Reports;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Roma.Models;
using Roma.Training.Runs;

namespace Roma.Cli.Verbs;

/// <summary>Scores a checkpoint.</summary>
internal sealed class EvalVerb : Verb
{
    public EvalVerb(Terminal terminal) : base("eval", "Score a model on a benchmark: clean pictures, and every corruption x severity of its suites. An interrupted run goes on where it stopped.",
        "roma eval eval-suites/digit-grid.yaml --model runs/demo/seed-1/roma",
        "roma eval eval-suites/digit-grid.yaml samples=500 severities=[3] --model runs/nano --out runs/quick-look")
    {
        var suite = new Argument<string>("suite") { Description = "A benchmark (YAML), of yours or shipped." };
        Add(suite);
        Argument<string[]> overrides = Overrides();
        Add(overrides);
        var model = new Option<string>("--model") { Description = "A model folder; a run's folder stands for its newest checkpoint.", Required = true };
        Options.Add(model);
        Option<string?> name = Option<string>("--name", "Names the model in logs and reports; its folder if not given.");
        Option<string?> output = Option<string>("--out", "The folder of results.jsonl and report.html; runs/eval/<suite>/<model> if not given.");
        Option<int> tokens = Option("--max-tokens", "Most tokens of a reply.", 64);
        Option<int> batch = Option("--batch-size", "Questions answered at once.", 256);
        Option<string> device = Option("--device", "Where to compute: cpu, cuda, cuda:1, ...", "cpu");
        SetAction(result => Run(terminal, result.GetRequiredValue(suite), result.GetValue(overrides)!, result.GetRequiredValue(model), result.GetValue(name), result.GetValue(output),
            result.GetValue(tokens), result.GetValue(batch), result.GetValue(device)!));
    }

    private static int Run(Terminal terminal, string file, string[] overrides, string folder, string? name, string? output, int maxTokens, int batchSize, string device)
    {
        EvaluationSuite suite = StrictYaml.Load<EvaluationSuite>(Shipped.Find(file), overrides);
        folder = CheckpointStore.ModelOf(folder);
        name ??= Path.TrimEndingDirectorySeparator(folder);
        output ??= Path.Combine("runs", "eval", suite.Name, string.Join('-', name.Split(Path.GetInvalidFileNameChars(), StringSplitOptions.RemoveEmptyEntries)));
        var matrix = CorruptionMatrix.Of(suite, Catalogue.Default);
        using var model = VisionLanguageModel.Load(folder, Devices.Parse(device));
        using var endpoint = new LocalEndpoint(model, name, maxTokens, batchSize);
        string log = Path.Combine(output, "results.jsonl"), report = Path.Combine(output, "report.html");
        ResultLog results = new SuiteRunner(suite, matrix).Run(endpoint, log, endpoint.Describe(folder), terminal.Progress, terminal.Cancellation);
        var summary = RunSummary.Of(results);
        ResultTables.Write(terminal, [summary], []);
        HtmlReport.Write(report, new ReportModel($"{suite.Name}: {name}", $"Benchmark {suite.Name}, version {suite.Version}.", [summary], Samples: SampleGallery.Pick(suite, matrix, [(name, results)])));
        terminal.WriteLine($"results: {log}");
        terminal.WriteLine($"report: {report}");
        return Application.Done;
    }
}
