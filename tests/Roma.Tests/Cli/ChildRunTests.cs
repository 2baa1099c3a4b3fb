using System.Diagnostics;
using System.Runtime.InteropServices;
using Roma.Models.Qwen3Vl;
using Roma.Training.Runs;
using Xunit.Abstractions;

namespace Roma.Tests.Cli;

/// <summary>Runs of the program in processes of their own, which are killed and interrupted.</summary>
public sealed class ChildRunTests : IDisposable
{
    private const int FewestKills = 4, MostKills = 20, MostSeconds = 20, SaveEvery = 5, Interrupt = 2;
    private readonly TemporaryFolder _folder = new();
    private readonly ITestOutputHelper _output;
    private readonly string _recipe;

    public ChildRunTests(ITestOutputHelper output)
    {
        _output = output;
        NanoModel.Create(_folder.File("model"), 5, size: new Qwen3VlSize
        {
            Hidden = 32, Mlp = 32, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 16, MropeSection = [3, 3, 2], VisionHidden = 16, VisionMlp = 16, VisionDepth = 1, VisionHeads = 1,
            PositionEmbeddings = 16, PatchSize = 8, Pixels = (32 * 32, 32 * 32),
        });
        _recipe = _folder.File("recipe.yaml");
        File.WriteAllText(_recipe, $$"""
            model: {{_folder.File("model")}}
            data: { name: digit_grid }
            method: { name: roma, views: 2 }
            views: { suite: digit-grid-seen }
            answer: numeric
            steps: 60
            prompts: 2
            updates: 2
            refills: 1
            ema: 0.9
            group: 4
            max_tokens: 3
            rewards: [{ name: length_penalty, free: 1 }]
            lora: { rank: 2, dropout: 0.2 }
            save_every: {{SaveEvery}}
            samples_every: 7
            validation:
              every: 8
              suite: { name: check, version: 1, data: { name: digit_grid, split: validation, count: 8 }, answer: numeric }
            """);
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_run_that_is_killed_again_and_again_ends_like_one_that_is_not()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        var clock = Stopwatch.StartNew();
        using (Process whole = Run("whole"))
        {
            while (!whole.HasExited && Steps("whole") == 0)
                Thread.Sleep(5);
            double start = clock.Elapsed.TotalSeconds;
            whole.WaitForExit();
            int? asked = int.TryParse(Environment.GetEnvironmentVariable("ROMA_TEST_KILLS"), out int count) ? count : null;
            int kills = 0, lost = 0;
            double steps = clock.Elapsed.TotalSeconds - start;
            var random = new Random();
            for (clock.Restart(); asked is null ? kills < FewestKills || kills < MostKills && clock.Elapsed.TotalSeconds < MostSeconds : kills < asked; kills++)
            {
                using Process process = Run("killed");
                process.WaitForExit(TimeSpan.FromSeconds(0.8 * start + random.NextDouble() * (0.2 * start + 3 * steps / (asked ?? MostKills)))); // at any moment, also while it is read back
                process.Kill();
                process.WaitForExit();
                int done = Steps("killed"), kept = Checkpoint("killed") is { } latest ? CheckpointStore.ReadState(latest).Step : 0;
                Assert.InRange(done - kept, 0, SaveEvery);
                lost += done - kept;
            }
            _output.WriteLine($"{kills} kills, {lost} steps done again; a run starts in {start:0.0} s and takes {steps:0.0} s");
        }
        using Process last = Run("killed");
        last.WaitForExit();
        Assert.Equal(0, last.ExitCode);
        AssertSame("whole", "killed");
        Assert.DoesNotContain(Directory.GetDirectories(_folder.File("killed"), "*", SearchOption.AllDirectories), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void An_interrupt_finishes_the_step_saves_and_ends_with_0_and_on_one_thread_runs_are_equal_bit_for_bit()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using (Process process = Run("interrupted", threads: 1))
        {
            while (!process.HasExited && Steps("interrupted") < 7)
                Thread.Sleep(5);
            Assert.Equal(0, SendSignal(process.Id, Interrupt));
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
        int steps = Steps("interrupted");
        Assert.InRange(steps, 7, 59);
        Assert.Equal(steps, CheckpointStore.ReadState(Checkpoint("interrupted")!).Step);
        Run("interrupted", threads: 1, resume: true).WaitForExit();
        Run("undisturbed", threads: 1).WaitForExit();
        AssertSame("undisturbed", "interrupted");
    }

    private void AssertSame(string expected, string actual)
    {
        Assert.Equal(Metrics(expected), Metrics(actual));
        Assert.Equal(60, Steps(expected));
        foreach (string file in new[] { "adapter_model.safetensors", "optimizer.safetensors", "average.safetensors", "average/adapter_model.safetensors", "../best/adapter_model.safetensors", "../../samples/step-000056/samples.jsonl" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(Checkpoint(expected)!, file)), File.ReadAllBytes(Path.Combine(Checkpoint(actual)!, file)));
    }

    private Process Run(string name, int? threads = null, bool resume = false)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(Roma.Cli.Application).Assembly.Location, null), resume ? ["train", "--resume", _folder.File(name)] : ["train", _recipe, "--out", _folder.File(name)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (threads is { } count)
            start.Environment["OMP_NUM_THREADS"] = $"{count}";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data?.Contains("error", StringComparison.Ordinal) == true) _output.WriteLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private string? Checkpoint(string name) => new CheckpointStore(Path.Combine(_folder.File(name), "checkpoints"), 1).Latest;

    private int Steps(string name) => File.Exists(Path.Combine(_folder.File(name), "metrics.jsonl")) ? File.ReadLines(Path.Combine(_folder.File(name), "metrics.jsonl")).Count(line => !line.Contains("\"validation_", StringComparison.Ordinal)) : 0;

    private string[] Metrics(string name) => [.. File.ReadLines(Path.Combine(_folder.File(name), "metrics.jsonl")).Select(line => line[..line.IndexOf(",\"machine\"", StringComparison.Ordinal)])];

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
