using Roma.Core;
using Roma.Models;
using Roma.Training;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Runs;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class FaultTests(TinyRuns runs)
{
    [Fact]
    public void A_step_whose_loss_is_not_finite_is_skipped_and_counted()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(new(new SickLoss(1, 2))), 3) with { SaveEvery = 1, KeepLast = 3 };
        CheckpointStore store = runs.Run("one sick step", settings);
        Assert.Equal([0, 1], new[] { 1, 3 }.Select(step => CheckpointStore.ReadState(store.PathOf(step)).Skipped));
        Assert.False(Directory.Exists(store.PathOf(2))); // a good checkpoint does not make room for a doubtful one
        Assert.NotEqual(Weights(1), Weights(3));
        Assert.Contains("\"total\":\"NaN\"", runs.Metrics("one sick step")[1], StringComparison.Ordinal);
        Assert.Contains("\"skipped\":1", runs.Metrics("one sick step")[2], StringComparison.Ordinal);

        byte[] Weights(int step) => File.ReadAllBytes(Path.Combine(store.PathOf(step), "model.safetensors"));
    }

    [Fact]
    public void Five_such_steps_in_a_row_end_the_run_and_leave_the_last_checkpoint()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(new(new SickLoss(3, int.MaxValue))), 20) with { SaveEvery = 2 };
        var fault = Assert.Throws<RomaException>(() => runs.Run("sick", settings));
        Assert.Contains("step 8", fault.Message, StringComparison.Ordinal);
        string left = Path.Combine(runs.Folder("sick"), "checkpoints", "step-000002");
        Assert.Contains(left, fault.Remedy, StringComparison.Ordinal);
        string[] noted = File.ReadAllLines(Path.Combine(runs.Folder("sick"), "skipped.jsonl"));
        Assert.Equal(5, noted.Length);
        Assert.All(noted, line => Assert.Equal(settings.Prompts, line.Split("letter-").Length - 1));
        runs.Run("healthy", runs.Settings(new GrpoMethod(), 2));
        Assert.Equal(File.ReadAllBytes(Path.Combine(runs.Folder("healthy"), "checkpoints", "step-000002", "model.safetensors")), File.ReadAllBytes(Path.Combine(left, "model.safetensors")));
        using var model = VisionLanguageModel.Load(left);
    }

    [Fact]
    public void A_step_that_moves_nothing_does_not_end_a_row_of_such_steps()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(new(new SickLoss(0, int.MaxValue, Every: 2))), 20);
        Assert.Contains("step 9", Assert.Throws<RomaException>(() => runs.Run("sick every other step", settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_overflows_ends_the_run()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 20) with { SaveEvery = 1, Temperature = 2 };
        runs.Run("sound", settings with { Steps = 1 });
        var fault = Assert.Throws<RomaException>(() => runs.Run("overflown", settings with { Optimizer = new(Lr: 1e20) }));
        Assert.Contains("not finite", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"model={settings.Model} optimizer.lr=1E+19", fault.Remedy, StringComparison.Ordinal); // its first checkpoint is finite and worth nothing
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_checkpoint_before_the_last_stays_until_a_step_went_well(bool lora)
    {
        string name = $"sick after a checkpoint {lora}";
        TrainingSettings settings = runs.Settings(new GrpoMethod(new(new SickLoss(3, int.MaxValue))), 20) with { SaveEvery = 1, Lora = lora ? new(rank: 2, alpha: 4) : null, Optimizer = new(Lr: 3e-3 / 7) };
        var fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        string checkpoints = Path.Combine(runs.Folder(name), "checkpoints"), good = Path.Combine(checkpoints, "step-000002");
        Assert.Equal(["step-000002", "step-000003"], Directory.GetDirectories(checkpoints).Select(Path.GetFileName).Order());
        Assert.Contains(lora ? $"roma model convert {good} --out MERGED" : $"model={good} ", fault.Remedy, StringComparison.Ordinal);
        Assert.Contains("optimizer.lr=4.286E-05 ", fault.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_that_are_no_numbers_are_never_saved(bool validates)
    {
        string name = $"no numbers {validates}";
        TrainingSettings settings = runs.Settings("sft", 20) with { SaveEvery = validates ? 100 : 1, Optimizer = new(Lr: 1e39), Validation = validates ? TinyRuns.Validation with { Every = 1 } : null };
        var fault = Assert.Throws<RomaException>(() => runs.Run(name, settings));
        Assert.Contains("not finite any more after step 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"model={settings.Model} optimizer.lr=1E+38", fault.Remedy, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(runs.Folder(name), "checkpoints")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_from_an_adapter_alone_is_refused_with_the_command_that_merges_it(bool lora)
    {
        TrainingSettings settings = runs.Settings("grpo", 1) with { Lora = new(rank: 2, alpha: 4) };
        string adapter = runs.Run($"adapter {lora}", settings).Latest!;
        var fault = Assert.Throws<RomaException>(() => runs.Run($"from adapter {lora}", settings with { Model = adapter, Lora = lora ? settings.Lora : null }));
        Assert.Contains("roma model convert", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_learnt_before_a_sample_that_cannot_be_read_is_kept()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 20) with { Data = new LetterData(BrokenAfter: 14) };
        Assert.Contains("cannot be read", Assert.Throws<RomaException>(() => runs.Run("unreadable", settings)).Message, StringComparison.Ordinal);
        Assert.InRange(CheckpointStore.ReadState(new CheckpointStore(Path.Combine(runs.Folder("unreadable"), "checkpoints"), 1).Latest!).Step, 1, 3);
    }

    [Fact]
    public void A_model_with_weights_that_are_no_numbers_never_gets_a_step()
    {
        string folder = runs.Folder("nan model");
        using (var model = VisionLanguageModel.Load(runs.Model))
        {
            using IDisposable _ = no_grad();
            model.Network.Head_VH.fill_(double.NaN);
            model.Save(folder);
        }
        foreach (string name in new[] { "grpo", "sft", "roma, worst trajectory and random auxiliary view of three" })
        {
            var fault = Assert.Throws<RomaException>(() => runs.Run("nan " + name, runs.Settings(name, 20) with { Model = folder }));
            Assert.Contains("embed_tokens.weight holds NaN", fault.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(runs.Folder("nan " + name)));
        }
    }

    [Fact]
    public void A_sample_that_cannot_be_read_ahead_ends_the_run_with_its_fault()
    {
        var fault = Assert.Throws<RomaException>(() => runs.Run("broken", runs.Settings("grpo", 9) with { Data = new LetterData(BrokenAfter: 11) })); // three are looked at before the first step
        Assert.Contains("cannot be read", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, runs.Metrics("broken").Length);
    }

    /// <summary>The plain policy gradient, with a loss that is no number from one call to before another, or only every so many of them, and 0 between.</summary>
    public sealed record SickLoss(int From, int To, int Every = 1) : IPolicyLoss
    {
        private readonly int _pieces = Math.Min(get_num_threads(), 4); // of a step, side by side
        private int _calls;

        public TokenLoss Loss(PolicyInput input) =>
            new(new LogProbLoss().Loss(input).Loss_NT * tensor((Interlocked.Increment(ref _calls) - 1) / _pieces is var step && (step < From || step >= To) ? 1 : (step - From) % Every == 0 ? float.NaN : 0));
    }
}
