using System.CommandLine;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Reports;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;

namespace Roma.Cli.Verbs;

/// <summary>Sets result logs side by side.</summary>
internal sealed class CompareVerb : Verb
{
    public CompareVerb(Terminal terminal) : base("compare", "Compare result logs of one benchmark, question by question; the first is the baseline. One log alone is summarised.",
        "roma compare runs/grpo/results.jsonl runs/roma/results.jsonl",
        "roma compare a.jsonl b.jsonl --names GRPO ROMA --out report.html --suite eval-suites/digit-grid.yaml     # with pictures")
    {
        var logs = new Argument<string[]>("logs") { Description = "Result logs (JSON lines) that `roma eval` wrote.", Arity = ArgumentArity.OneOrMore };
        Add(logs);
        Option<string[]> names = Option("--names", "How the runs are named, one name a log; the models' names if not given.", Array.Empty<string>());
        names.AllowMultipleArgumentsPerToken = true;
        Option<string?> report = Option<string>("--out", "Write a report to this HTML file too.");
        Option<string?> suite = Option<string>("--suite", "The benchmark's file: the report then shows sample questions with their pictures.");
        SetAction(result => Run(terminal, result.GetRequiredValue(logs), result.GetValue(names)!, result.GetValue(report), result.GetValue(suite)));
    }

    public override bool UsesTorch => false;

    private static int Run(Terminal terminal, string[] paths, string[] names, string? report, string? suite)
    {
        ResultLog[] logs = [.. paths.Select(ResultLog.Read)];
        names = Names(paths, logs, names);
        RunSummary[] runs = [.. logs.Zip(names, RunSummary.Of)];
        Comparison[] comparisons = [.. logs.Zip(names).Skip(1).Select(run => Comparison.Of(logs[0], run.First, names[0], run.Second))];
        ResultTables.Write(terminal, runs, comparisons);
        if (report is not null)
        {
            string title = $"{logs[0].Header.Suite}: {string.Join(" and ", names)}";
            HtmlReport.Write(report, new ReportModel(title, $"Benchmark {logs[0].Header.Suite}, version {logs[0].Header.Version}.", runs, comparisons, Samples(suite, logs, names)));
            terminal.WriteLine($"report: {report}");
        }
        return Application.Done;
    }

    private static IReadOnlyList<SampleCard>? Samples(string? file, ResultLog[] logs, string[] names)
    {
        if (file is null)
            return null;
        EvaluationSuite suite = StrictYaml.Load<EvaluationSuite>(Shipped.Find(file));
        if (suite.Name != logs[0].Header.Suite || suite.Version != logs[0].Header.Version)
            throw new RomaException($"{file} is {suite.Name} version {suite.Version}, the logs are of {logs[0].Header.Suite} version {logs[0].Header.Version}.", "Give the benchmark's own file.");
        return SampleGallery.Pick(suite, CorruptionMatrix.Of(suite, Catalogue.Default), [.. names.Zip(logs)]);
    }

    private static string[] Names(string[] paths, ResultLog[] logs, string[] given)
    {
        if (given.Length > 0)
            return given.Length == logs.Length ? given : throw new RomaException($"--names gives {given.Length} names for {logs.Length} logs.", "Give one name a log, in their order.");
        string[] models = [.. logs.Select(log => log.Header.Model)];
        return models.Distinct().Count() == models.Length ? models : paths;
    }
}
