using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Evaluation.Experiments;
using Roma.Training.Benchmarks;
using Roma.Training.Experiments;
using Spectre.Console;

namespace Roma.Cli.Verbs;

/// <summary>Shows the whole effect on this machine.</summary>
internal sealed class DemoVerb : Verb
{
    public DemoVerb(Terminal terminal) : base("demo", "Train a tiny Qwen3-VL with GRPO and with ROMA and show how both read bad pictures: the whole way in minutes. Started again, it goes on where it stopped.",
        "roma demo",
        "roma demo --quick --out runs/look      # smaller, at most two minutes",
        "roma demo --seeds 3 --out runs/demo-3  # three independent repetitions; a folder with fewer is added to")
    {
        Option<bool> quick = Option("--quick", "A smaller demo of at most two minutes; its differences are smaller and less certain.", false);
        Option<int> seeds = Option("--seeds", "Independent repetitions.", 1);
        Option<string?> output = Option<string>("--out", "The demo's folder; runs/demo or runs/demo-quick if not given.");
        Option<string> device = Option("--device", "Where to compute: cpu, cuda or cuda:N.", "cpu");
        SetAction(result => Run(terminal, result.GetValue(quick), result.GetValue(seeds), result.GetValue(output), result.GetValue(device)!));
    }

    private static int Run(Terminal terminal, bool quick, int seeds, string? output, string device)
    {
        if (seeds is < 1 or > 100)
            throw new RomaException($"--seeds is 1 to 100, not {seeds}.");
        output ??= Path.Combine("runs", quick ? "demo-quick" : "demo");
        DemoPlan plan = quick ? DemoPlan.Quick : DemoPlan.Full;
        if (quick)
            terminal.WriteLine("This is the quick demo: smaller than the real one, so its differences are smaller and less certain.");
        terminal.WriteLine($"Plan, {seeds} time(s): warm start until {100 * plan.StartAccuracy:F0} % of clean validation questions are right; ROMA for {plan.Steps} steps; GRPO for as many steps and for as long;");
        terminal.WriteLine($"filtered fine-tuning on corrupted views for as long; each model scored on {plan.Questions:N0} unused test questions, clean, seen and unseen corruptions. Folder: {output}");
        TimeSpan forecast = seeds * plan.Forecast(StepBenchmark.Gflops());
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Forecast: about {Math.Max(1, Math.Round(forecast.TotalMinutes)):F0} minute(s) on this machine if nothing is done yet; ready around {DateTime.Now + forecast:HH:mm}."));
        DemoResult result = new Demo(plan, seeds, output, Shipped.Find, terminal.WriteLine, terminal.Progress, Devices.Parse(device)).Run(terminal.Cancellation);

        Write(terminal, result.Summary, result.Summary.Means().Concat(result.Summary.Differences("roma", "grpo")).Concat(result.Summary.Differences("filtered_views", "grpo")));
        ResultTables.Write(terminal, [], result.Comparisons);
        terminal.WriteLine($"summary: {Path.Combine(output, "summary.json")}");
        terminal.WriteLine($"report: {result.Report}");
        return Application.Done;
    }

    private static void Write(Terminal terminal, ExperimentSummary summary, IEnumerable<ExperimentRow> rows)
    {
        Table table = new Table().AddColumns(["arm", "method", .. summary.Groups().Select(group => $"{group} %"), "steps", "seconds"]).Border(TableBorder.Simple);
        foreach (ExperimentRow row in rows)
        {
            bool single = summary.Runs.Select(run => run.Seed).Distinct().Count() == 1;
            ExperimentRun? run = single && row.Baseline is null ? summary.Runs.First(r => r.Method == row.Method && r.Arm == row.Arm) : null;
            table.AddRow([new Text(row.Arm), new Text(row.Baseline is null ? row.Method : $"{row.Method} - {row.Baseline}"),
                .. summary.Groups().Select(group => new Text(run is null
                    ? Points(row.Scores[group].Mean, row.Scores[group].Interval.Low, row.Scores[group].Interval.High, row.Baseline is not null)
                    : Points(run.Scores[group].Accuracy, run.Scores[group].Low, run.Scores[group].High, false))),
                new Text(row.Steps.ToString("F0", CultureInfo.InvariantCulture)), new Text(row.Seconds.ToString("F0", CultureInfo.InvariantCulture))]);
        }
        terminal.Console.Write(table);
        terminal.WriteLine(summary.Runs.Select(run => run.Seed).Distinct().Count() == 1
            ? "Brackets: 95 % intervals over test questions. One seed: they say nothing about other trainings."
            : "Brackets: 95 % t intervals over seeds.");
    }

    private static string Points(double value, double low, double high, bool signed)
    {
        string format = signed ? "+0.0;-0.0;0.0" : "0.0";
        string text = (100 * value).ToString(format, CultureInfo.InvariantCulture);
        return double.IsFinite(low) ? $"{text} [{(100 * low).ToString(format, CultureInfo.InvariantCulture)}, {(100 * high).ToString(format, CultureInfo.InvariantCulture)}]" : text;
    }
}
