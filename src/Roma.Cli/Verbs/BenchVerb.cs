using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Roma.Core;
using Roma.Models.Qwen3Vl;
using Roma.Training.Benchmarks;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Spectre.Console;
using TorchSharp;

namespace Roma.Cli.Verbs;

/// <summary>Times the engine on this machine.</summary>
internal sealed class BenchVerb : Verb
{
    private const double Reference = 1170; // seconds x GFLOPS of the GRPO step in transformers 5.23 on two cores: 6.3 s at 185 GFLOPS

    public BenchVerb(Terminal terminal) : base("bench", "Time the engine on this machine.",
        "roma bench step                # a training step on synthetic input, GRPO and ROMA",
        "roma bench step --json")
        => Add(new StepVerb(terminal));

    private sealed class StepVerb : Verb
    {
        public StepVerb(Terminal terminal) : base("step", "Time a training step of fixed shape (96 prompts of 42 tokens x 8 responses of 24) with GRPO and with ROMA.",
            "roma bench step",
            "roma bench step --repeat 10 --json      # for scripts")
        {
            Option<int> repeat = Option("--repeat", "Timed steps of each kind, after two that are not counted; seconds are the fastest's, ratios the median of those within a round.", 5);
            Option<bool> json = Option("--json", "Print JSON.", false);
            Option<string> device = Option("--device", "Where to compute: cpu, cuda or cuda:N.", "cpu");
            SetAction(result => Run(terminal, result.GetValue(repeat), result.GetValue(json), Devices.Parse(result.GetValue(device)!)));
        }

        private static int Run(Terminal terminal, int repeat, bool json, torch.Device device)
        {
            if (repeat < 1)
                throw new RomaException($"--repeat is at least 1, not {repeat}.");
            string folder = Directory.CreateTempSubdirectory("roma-bench-").FullName;
            try
            {
                NanoModel.Create(Path.Combine(folder, "model"), seed: 1);
                using var bench = new StepBenchmark(Path.Combine(folder, "model"), device);
                (string Name, IMethod Method, double Share)[] kinds = [("grpo", new GrpoMethod(), 1), ("roma, 1 view", new RomaMethod(Views: 1), 1),
                    ("roma, 1 view, half of the prompts", new RomaMethod(Views: 1), 0.5), ("roma, 4 views", new RomaMethod(Views: 4), 1),
                    ("roma, 4 views, worst for a prompt by 2 responses", new RomaMethod(Views: 4, WorstBy: WorstBy.Prompt, SelectOn: 2), 1),
                    ("the same, half of the prompts", new RomaMethod(Views: 4, WorstBy: WorstBy.Prompt, SelectOn: 2), 0.5)];
                OrderedDictionary<string, List<IReadOnlyDictionary<string, double>>> rounds = new(kinds.Select(kind => KeyValuePair.Create(kind.Name, new List<IReadOnlyDictionary<string, double>>())));
                double gflops = StepBenchmark.Gflops(device);
                using (IProgressTask task = terminal.Progress.Start("bench step", kinds.Length * (repeat + 2), "steps"))
                {
                    // Kinds take turns, so that a neighbour's load on a shared machine hits all of them.
                    for (int i = 0; i < repeat + 2; i++)
                    {
                        foreach ((string name, IMethod method, double share) in kinds)
                        {
                            terminal.Cancellation.ThrowIfCancellationRequested();
                            IReadOnlyDictionary<string, double> seconds = bench.Step(method, share);
                            if (i >= 2)
                                rounds[name].Add(seconds);
                            task.Advance();
                        }
                        gflops = Math.Max(gflops, StepBenchmark.Gflops(device));
                    }
                }
                Report(terminal, bench.Parameters, gflops, [.. rounds.Select(kind => new Timing(kind.Key, kind.Value.MinBy(Total)!, Median(kind.Value.Zip(rounds["grpo"], (own, grpo) => Total(own) / Total(grpo)))))], json);
                return Application.Done;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        private static double Total(IReadOnlyDictionary<string, double> stages) => stages.Values.Sum();

        private static double Median(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
        }

        private static void Report(Terminal terminal, long parameters, double gflops, Timing[] timings, bool json)
        {
            double grpo = timings[0].Seconds;
            if (json)
            {
                terminal.WriteLine(JsonSerializer.Serialize(new
                {
                    parameters, gflops, seconds_times_gflops = grpo * gflops, reference_seconds_times_gflops = Reference,
                    steps = timings.ToDictionary(kind => kind.Name, kind => new { seconds = kind.Seconds, ratio = kind.Ratio, stages = kind.Stages }),
                }));
                return;
            }
            Table table = new Table().AddColumns(["step", "seconds", "x grpo", .. timings[0].Stages.Keys]).Border(TableBorder.Simple);
            foreach (Timing kind in timings)
                table.AddRow(new[] { kind.Name, F(kind.Seconds, "F3"), F(kind.Ratio, "F2") }.Concat(kind.Stages.Values.Select(s => F(s, "F3"))).Select(cell => new Text(cell)));
            terminal.Console.Write(table);
            terminal.WriteLine($"{parameters:N0} parameters; fp32 matrix product {gflops:F0} GFLOPS; GRPO seconds x GFLOPS = {grpo * gflops:F0} (transformers 5.23: {Reference:F0}, {Reference / (grpo * gflops):F1} times as much)");

            static string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        }

        /// <summary>The stages of the fastest step of a kind, and how many GRPO steps of the same round it takes.</summary>
        private sealed record Timing(string Name, IReadOnlyDictionary<string, double> Stages, double Ratio)
        {
            public double Seconds => Total(Stages);
        }
    }
}
