using Roma.Core;
using Roma.Models;
using Roma.Training;
using Roma.Training.Methods;
using Roma.Training.Rewards;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Runs;

/// <summary>Settings of a run beside its method: each does what it says, and a resumed run ends like an undisturbed one.</summary>
[Collection(nameof(TinyRuns))]
public class VariantTests(TinyRuns runs)
{
    [Fact]
    public void Dynamic_sampling_fills_a_step_with_questions_whose_responses_differ()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 4) with { Group = 2, Refills = 8, Temperature = 1.5, SaveEvery = 2 };
        string[] whole = Same("refilled", settings);
        TrainingState state = CheckpointStore.ReadState(Path.Combine(runs.Folder("refilled whole"), "checkpoints", "step-000004"));
        Assert.InRange(state.Drawn, 5, 4 * 9);
        Assert.Equal(state.Drawn, whole.Take(4).Sum(line => (int)System.Text.Json.Nodes.JsonNode.Parse(line)!["draws"]!));
        using var model = VisionLanguageModel.Load(runs.Model);
        Roma.Training.Rollouts.CollectedStep step = new Roma.Training.Rollouts.StepCollector(model, settings, new(settings, Roma.Corruptions.Catalogue.Default)).Collect(0, 0, new());
        Assert.Equal(4, step.Batch.Questions.Count);
        Assert.All(Enumerable.Range(0, 4), p => Assert.Equal(2, Enumerable.Range(0, 8).Where(i => step.Rollouts.Owners[i] == p).Select(i => step.Rollouts.Trajectories.Accuracy[i]).Distinct().Count()));
    }

    [Fact]
    public void A_step_without_any_contrast_changes_nothing_and_ends_nothing()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 2) with { MaxTokens = 1, Refills = 2, Optimizer = new(WeightDecay: 0) }; // every response is cut off, so none is right
        CheckpointStore store = runs.Run("no contrast", settings);
        Assert.Equal(6, CheckpointStore.ReadState(store.Latest!).Drawn);
        Assert.Equal(Weights(runs.Model), Weights(store.Latest!));
    }

    [Fact]
    public void The_average_of_the_weights_is_saved_as_a_model_and_resumed()
    {
        Same("averaged", runs.Settings(new GrpoMethod(), 6) with { Ema = 0.5, SaveEvery = 3 });
        string last = Path.Combine(runs.Folder("averaged whole"), "checkpoints", "step-000006"), parts = Path.Combine(runs.Folder("averaged parts"), "checkpoints", "step-000006");
        Assert.Equal(Weights(Path.Combine(last, "average")), Weights(Path.Combine(parts, "average")));
        Assert.NotEqual(Weights(last), Weights(Path.Combine(last, "average")));
        Assert.True(File.Exists(Path.Combine(runs.Model, "training_state.json"))); // of the run that it started from
        Assert.False(File.Exists(Path.Combine(last, "average", "training_state.json")));
        using var model = VisionLanguageModel.Load(Path.Combine(last, "average"));
    }

    [Fact]
    public void Frozen_parts_stay_as_they_are_and_the_others_move()
    {
        CheckpointStore store = runs.Run("frozen", runs.Settings(new GrpoMethod(), 2) with { Freeze = ["model.visual.*"] });
        using var before = VisionLanguageModel.Load(runs.Model);
        using var after = VisionLanguageModel.Load(store.Latest!);
        Dictionary<string, bool> same = before.Network.named_parameters().Zip(after.Network.named_parameters()).ToDictionary(pair => pair.First.name, pair => pair.First.parameter.equal(pair.Second.parameter).all().item<bool>());
        Assert.All(same, pair => Assert.True(pair.Value == pair.Key.StartsWith("model.visual.", StringComparison.Ordinal), pair.Key));
    }

    [Fact]
    public void A_pattern_that_freezes_nothing_and_one_that_freezes_everything_are_refused()
    {
        Assert.Contains("modle.*", Assert.Throws<RomaException>(() => runs.Run("typo", runs.Settings("grpo", 1) with { Freeze = ["modle.*"] })).Message, StringComparison.Ordinal);
        Assert.Throws<RomaException>(() => runs.Run("all", runs.Settings("grpo", 1) with { Freeze = ["*"] }));
        Assert.False(Directory.Exists(runs.Folder("typo")) || Directory.Exists(runs.Folder("all")));
    }

    [Fact]
    public void Unscorable_responses_are_outside_the_step_and_counted()
    {
        runs.Run("unscorable", runs.Settings(new GrpoMethod(), 2) with { Rewards = [new AnswerReward(), new Moody()] });
        Assert.All(runs.Metrics("unscorable"), line => Assert.Contains("\"unscorable_rate\":0.25", line, StringComparison.Ordinal));
    }

    [Fact]
    public void An_adapter_is_trained_alone_saved_in_its_own_layout_and_resumed()
    {
        TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", 4) with { Lora = new(rank: 2, alpha: 4), SaveEvery = 2, Ema = 0.5 };
        foreach (string name in new[] { "lora whole", "lora parts" })
        {
            if (name == "lora parts")
                using (var interrupt = new CancellationTokenSource())
                    runs.Run(name, settings, new Watch(step => { if (step == 1) interrupt.Cancel(); }), interrupt.Token);
            runs.Run(name, settings);
        }
        string whole = Path.Combine(runs.Folder("lora whole"), "checkpoints", "step-000004");
        foreach (string file in new[] { "adapter_model.safetensors", "optimizer.safetensors", Path.Combine("average", "adapter_model.safetensors") })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(runs.Folder("lora parts"), "checkpoints", "step-000004", file)));
        Assert.False(File.Exists(Path.Combine(whole, "model.safetensors")));
        using var trained = Roma.Models.VisionLanguageModel.Load(whole);
        using var before = Roma.Models.VisionLanguageModel.Load(runs.Model);
        Dictionary<string, TorchSharp.Modules.Parameter> all = trained.Network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.All(before.Network.named_parameters(), p => Assert.True(all[p.name].equal(p.parameter).all().item<bool>(), p.name));
        Assert.Contains(all, p => p.Key.EndsWith("lora_B.weight", StringComparison.Ordinal) && p.Value.abs().sum().item<float>() > 0);
        Assert.Throws<RomaException>(() => runs.Run("lora whole", settings with { Lora = null }));
    }

    [Theory]
    [InlineData("grpo", false)]
    [InlineData("roma, one view of half of the prompts", true)]
    [InlineData("roma, worst trajectory and random auxiliary view of three", false)]
    public void Adapter_dropout_is_resumed_bit_for_bit_and_does_not_depend_on_how_a_step_is_cut(string name, bool recompute)
    {
        TrainingSettings settings = runs.Settings(name, 4) with { Lora = new(rank: 4, alpha: 8, pattern: @".*\.(q_proj|o_proj|down_proj|qkv)", dropout: 0.3), SaveEvery = 2, Recompute = recompute, Optimizer = new(Lr: 1e-2) };
        string[] folders = ["whole", "parts", "cut", "tokens", "none"];
        string[] names = [.. folders.Select(folder => $"dropout {folder} {name}")];
        runs.Run(names[0], settings);
        using (var interrupt = new CancellationTokenSource())
            runs.Run(names[1], settings, new Watch(step => { if (step == 1) interrupt.Cancel(); }), interrupt.Token);
        runs.Run(names[1], settings);
        runs.Run(names[2], settings with { MicroPrompts = 1, Steps = 1 });
        runs.Run(names[3], settings with { MicroTokens = 60, Steps = 1 });
        runs.Run(names[4], settings with { Lora = new(rank: 4, alpha: 8, pattern: settings.Lora.Pattern), Steps = 2 });
        Assert.Equal(runs.Metrics(names[0]), runs.Metrics(names[1]));
        string last = Path.Combine(runs.Folder(names[0]), "checkpoints", "step-000004");
        foreach (string file in new[] { "adapter_model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(last, file)), File.ReadAllBytes(Path.Combine(runs.Folder(names[1]), "checkpoints", "step-000004", file)));
        Assert.Contains("\"lora_dropout\": 0.3", File.ReadAllText(Path.Combine(last, "adapter_config.json")), StringComparison.Ordinal);
        double Of(int run, int step, string metric) => (double)System.Text.Json.Nodes.JsonNode.Parse(runs.Metrics(names[run])[step])![metric]!;
        foreach (int cut in new[] { 2, 3 })
            foreach (string metric in new[] { "total", "grad_norm" })
                Assert.Equal(Of(0, 0, metric), Of(cut, 0, metric), 1e-6 * Math.Max(1, Math.Abs(Of(0, 0, metric))));
        Assert.Equal(0, Of(0, 3, "ratio_deviation"));
        Assert.NotEqual(Of(0, 0, "grad_norm"), Of(4, 0, "grad_norm"));
        Assert.Equal(Of(0, 0, "reward"), Of(4, 0, "reward")); // sampling drops nothing
    }

    [Theory]
    [InlineData(true, Precision.Fp32)]
    [InlineData(false, Precision.Bf16)]
    [InlineData(true, Precision.Bf16)]
    public void Recomputed_layers_and_bf16_activations_learn_the_same(bool recompute, Precision precision)
    {
        TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", 2);
        double[] plain = Norms("plain", settings), other = Norms($"{recompute} {precision}", settings with { Recompute = recompute, Precision = precision });
        Assert.All(plain.Zip(other), pair => Assert.InRange(pair.Second / pair.First, precision == Precision.Fp32 ? 0.999 : 0.5, precision == Precision.Fp32 ? 1.001 : 2));

        double[] Norms(string name, TrainingSettings of)
        {
            if (!Directory.Exists(runs.Folder(name)))
                runs.Run(name, of);
            return [.. runs.Metrics(name).Take(precision == Precision.Fp32 ? 2 : 1).Select(line => (double)System.Text.Json.Nodes.JsonNode.Parse(line)!["grad_norm"]!)];
        }
    }

    [Fact]
    public void The_best_model_is_kept()
    {
        runs.Run("best", runs.Settings(new GrpoMethod(), 4) with { Validation = TinyRuns.Validation });
        string best = Path.Combine(runs.Folder("best"), "checkpoints", "best");
        Assert.NotNull(CheckpointStore.ReadState(best).Best);
        using var model = VisionLanguageModel.Load(best);
    }

    [Fact]
    public void Samples_and_event_files_are_written()
    {
        runs.Run("watched", runs.Settings("roma, one view of half of the prompts", 2) with { SamplesEvery = 2 });
        Assert.Equal(4, File.ReadAllLines(Path.Combine(runs.Folder("watched"), "samples", "step-000002", "samples.jsonl")).Length);
        string events = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(runs.Folder("watched"), "events")))));
        Assert.All(new[] { "train/reward", "train/kl", "train/grad_norm", "machine/rollout", "machine/views" }, tag => Assert.Equal(2, events.Split(tag).Length - 1));
    }

    /// <summary>Cannot judge the last response of a group of four.</summary>
    [Name("moody")]
    public sealed record Moody(int Every = 4) : IReward
    {
        private int _calls;

        public double Weight => 1;

        public double? Score(Response response) => Interlocked.Increment(ref _calls) % Every == 0 ? null : 0;
    }

    private string[] Same(string name, TrainingSettings settings)
    {
        runs.Run(name + " whole", settings);
        using (var interrupt = new CancellationTokenSource())
            runs.Run(name + " parts", settings, new Watch(step => { if (step == 1) interrupt.Cancel(); }), interrupt.Token);
        runs.Run(name + " parts", settings);
        string[] whole = runs.Result(name + " whole");
        Assert.Equal(whole, runs.Result(name + " parts"));
        return whole;
    }

    private static byte[] Weights(string model) => File.ReadAllBytes(Path.Combine(model, "model.safetensors"));
}
