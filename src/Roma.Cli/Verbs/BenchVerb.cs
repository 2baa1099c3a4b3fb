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
            Option<int> repeat = Option("--repeat", "Timed steps of each kind, after two that are not counted; the fastest is reported.", 5);
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
                var best = new OrderedDictionary<string, IReadOnlyDictionary<string, double>>();
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
                            if (i >= 2 && (!best.TryGetValue(name, out IReadOnlyDictionary<string, double>? before) || seconds.Values.Sum() < before.Values.Sum()))
                                best[name] = seconds;
                            task.Advance();
                        }
                        gflops = Math.Max(gflops, StepBenchmark.Gflops(device));
                    }
                }
                Report(terminal, bench.Parameters, gflops, best, json);
                return Application.Done;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        private static void Report(Terminal terminal, long parameters, double gflops, OrderedDictionary<string, IReadOnlyDictionary<string, double>> best, bool json)
        {
            double grpo = best["grpo"].Values.Sum();
            if (json)
            {
                terminal.WriteLine(JsonSerializer.Serialize(new
                {
                    parameters, gflops, seconds_times_gflops = grpo * gflops, reference_seconds_times_gflops = Reference,
                    steps = best.ToDictionary(kind => kind.Key, kind => new { seconds = kind.Value.Values.Sum(), ratio = kind.Value.Values.Sum() / grpo, stages = kind.Value }),
                }));
                return;
            }
            Table table = new Table().AddColumns(["step", "seconds", "x grpo", .. best["grpo"].Keys]).Border(TableBorder.Simple);
            foreach ((string name, IReadOnlyDictionary<string, double> stages) in best)
                table.AddRow(new[] { name, F(stages.Values.Sum(), "F3"), F(stages.Values.Sum() / grpo, "F2") }.Concat(stages.Values.Select(s => F(s, "F3"))).Select(cell => new Text(cell)));
            terminal.Console.Write(table);
            terminal.WriteLine($"{parameters:N0} parameters; fp32 matrix product {gflops:F0} GFLOPS; GRPO seconds x GFLOPS = {grpo * gflops:F0} (transformers 5.23: {Reference:F0}, {Reference / (grpo * gflops):F1} times as much)");

            static string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        }
    }
}
