using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;
using Roma.Models;
using Roma.Models.Scoring;
using Roma.Training;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Optimization;
using Roma.Training.Rollouts;
using Roma.Training.Runs;
using Roma.Training.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Runs;

/// <summary>Several updates from the responses of one step.</summary>
[Collection(nameof(TinyRuns))]
public class UpdateTests(TinyRuns runs)
{
    private const double Lr = 3e-3;
    private const string ImitationWithSurrogate = "cross-entropy on the clean view, a clipped surrogate on the other";

    [Theory]
    [InlineData("grpo", 1)]
    [InlineData("grpo", 2)]
    [InlineData("roma, one view of half of the prompts", 2)]
    [InlineData("roma, worst trajectory and random auxiliary view of three", 1)]
    [InlineData(ImitationWithSurrogate, 2)]
    public void Later_updates_compare_with_the_policy_that_sampled(string name, int iterations)
    {
        TrainingSettings settings = (name == ImitationWithSurrogate ? runs.Settings(new RomaMethod(Views: 1, LambdaPg: 1, Policy: new(new CrossEntropyLoss())), 1) : runs.Settings(name, 1)) with { Prompts = 6, Updates = 2, Iterations = iterations, Optimizer = new(Lr) };
        string folder = $"updates {name} {iterations}";
        runs.Run(folder, settings);
        using var trained = VisionLanguageModel.Load(Path.Combine(runs.Folder(folder), "checkpoints", "step-000001"));
        double right = Distance(trained, ByHand(settings)), wrong = Distance(trained, ByHand(settings, old: false)), moved = Distance(trained, model => { });
        Assert.InRange(right, 0, 1e-3 * moved);
        Assert.True(wrong > 10 * right, $"{right} against {wrong} without the old log-probabilities");
    }

    [Fact]
    public void Later_updates_encode_pictures_anew_where_the_vision_tower_learns()
    {
        // Every response is cut off, so none is right: all there is to learn is the divergence from clean pictures that are scored without gradient.
        TrainingSettings settings = runs.Settings(new RomaMethod(Views: 1, LambdaPg: 0, Gate: Gate.None), 1) with { Prompts = 6, MaxTokens = 1, Updates = 2, Iterations = 2, Optimizer = new(Lr) };
        runs.Run("encoded anew", settings);
        using var trained = VisionLanguageModel.Load(Path.Combine(runs.Folder("encoded anew"), "checkpoints", "step-000001"));
        double right = Distance(trained, ByHand(settings)), wrong = Distance(trained, ByHand(settings, stale: true)), moved = Distance(trained, model => { });
        Assert.InRange(right, 0, 1e-3 * moved);
        Assert.True(wrong > 10 * right, $"{right} against {wrong} with the pictures as they were encoded for sampling");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void The_coefficient_of_the_reference_KL_moves_once_a_step(int updates, int iterations)
    {
        const double Beta = 0.1, Horizon = 50;
        string folder = $"controlled {updates} {iterations}";
        TrainingSettings settings = runs.Settings(new GrpoMethod(new(Beta: Beta, Controller: new AdaptiveKlController(Target: 1e6, Horizon))), 2) with { Updates = updates, Iterations = iterations };
        double once = 1 - 0.2 * settings.Prompts * settings.Group / Horizon; // far below the target
        Assert.Equal(Beta * once * once, CheckpointStore.ReadState(runs.Run(folder, settings).Latest!).Beta, 1e-12);
        Assert.Equal([Beta, Beta * once], runs.Metrics(folder).Select(line => Math.Round((double)JsonNode.Parse(line)!["beta"]!, 12)));

        folder += ", nothing measured";
        runs.Run(folder, settings with { Rewards = [new VariantTests.Moody(Every: 1)] });
        Assert.Equal(Beta, CheckpointStore.ReadState(new CheckpointStore(Path.Combine(runs.Folder(folder), "checkpoints"), 1).Latest!).Beta);
    }

    [Fact]
    public void Ratios_are_one_at_the_first_update_and_are_clipped_later()
    {
        TrainingSettings settings = runs.Settings(new GrpoMethod(), 2) with { Prompts = 8, Iterations = 3, Optimizer = new(Lr: 1e-2) };
        runs.Run("ratios", settings);
        foreach (JsonNode metrics in runs.Metrics("ratios").Select(line => JsonNode.Parse(line)!))
        {
            Assert.InRange((double)metrics["ratio_deviation"]!, 0, 1e-5); // two passes of the same weights
            Assert.True((double)metrics["clip_fraction"]! > 0);
        }
        Assert.Equal(6, Steps("ratios"));
    }

    [Theory]
    [InlineData("grpo")]
    [InlineData("roma, one view of half of the prompts")]
    [InlineData("sft")]
    [InlineData("grpo, adaptive KL to a reference policy, entropy")]
    public void A_run_with_several_updates_is_resumed_bit_for_bit_and_does_not_depend_on_how_they_are_cut(string name)
    {
        TrainingSettings settings = runs.Settings(name, 4) with { Updates = 2, Iterations = 2, SaveEvery = 2 };
        string whole = $"several whole {name}", parts = $"several parts {name}", cut = $"several cut {name}";
        runs.Run(whole, settings);
        using (var interrupt = new CancellationTokenSource())
            runs.Run(parts, settings, new Watch(step => { if (step == 1) interrupt.Cancel(); }), interrupt.Token);
        runs.Run(parts, settings);
        Assert.Equal(runs.Result(whole), runs.Result(parts));
        Assert.Equal(16, Steps(whole));
        runs.Run(cut, settings with { Steps = 1, MicroPrompts = 1, RolloutTokens = 1 });
        JsonObject first = JsonNode.Parse(runs.Metrics(whole)[0])!.AsObject(), other = JsonNode.Parse(runs.Metrics(cut)[0])!.AsObject();
        Assert.All(first.Where(pair => pair.Key != "lr"), pair => Assert.Equal((double)pair.Value!, (double)other[pair.Key]!, 1e-4));
    }

    [Fact]
    public void The_sampler_agrees_with_the_trainer()
    {
        runs.Run("sampler", runs.Settings("roma, one view of half of the prompts", 2));
        Assert.All(runs.Metrics("sampler"), line => Assert.InRange((double)JsonNode.Parse(line)!["sampler_deviation"]!, 1e-9, 1e-4));
        runs.Run("sampled elsewhere", runs.Settings("noisy_rollout", 6));
        Assert.Null(JsonNode.Parse(runs.Metrics("sampled elsewhere")[0])!["sampler_deviation"]);
    }

    [Fact]
    public void More_updates_than_prompts_are_refused() => Assert.Contains("updates is 5", Assert.Throws<RomaException>(() => new TrainingSettings("m", new LetterData(), new SftMethod(), 1, Prompts: 4, Updates: 5)).Message, StringComparison.Ordinal);

    /// <summary>The same updates by hand; old log-probabilities come from scoring everything with the model as it was.</summary>
    private static Action<VisionLanguageModel> ByHand(TrainingSettings settings, bool old = true, bool stale = false) => model =>
    {
        CollectedStep step = new StepCollector(model, settings, new(settings, Catalogue.Default)).Collect(0, 0, new());
        using var optimizer = new AdamW(model.Network.named_parameters().Select(p => (p.name, p.parameter)), settings.Optimizer);
        var gradient = new StepGradient(model, optimizer, settings.Method.Objective, settings.Temperature, settings.Seed);
        Experience all = step.Experience with { Sampled = null };
        using (no_grad())
            all = all with { Old_NT = TeacherForcing.LogProbs(model.Network, all.Prompts.Prompts, all.Prompts.Encode(model.Network), all.Tokens, all.Owners, settings.Temperature, all.Rows.Length) };
        for (int update = 0; update < 2 * settings.Iterations; update++)
        {
            Experience part = all.Take(update % 2 == 0 ? [0, 2, 4] : [1, 3, 5]);
            if (!stale)
                part = part with { Prompts = PromptBatch.Of(model, part.Prompts.Prompts, [.. part.Questions.Select(question => question.Sample.Images)]) };
            _ = gradient.Add(old ? part : part with { Old_NT = null }, [(0, 3)], null, new());
            _ = optimizer.ClipGradNorm(settings.Optimizer.MaxGradNorm);
            optimizer.Step(Lr * settings.Optimizer.Schedule.At(0, 1));
            optimizer.ZeroGrad();
        }
    };

    private double Distance(VisionLanguageModel one, Action<VisionLanguageModel> train)
    {
        using DisposeScope scope = NewDisposeScope();
        using var other = VisionLanguageModel.Load(runs.Model);
        train(other);
        using IDisposable _ = no_grad();
        return Math.Sqrt(one.Network.parameters().Zip(other.Network.parameters()).Sum(pair => (pair.First - pair.Second).square().sum().item<float>()));
    }

    private int Steps(string folder)
    {
        string latest = new CheckpointStore(Path.Combine(runs.Folder(folder), "checkpoints"), 1).Latest!;
        using var file = Roma.Models.Checkpoints.SafetensorsFile.Open(Path.Combine(latest, "optimizer.safetensors"));
        using Tensor step = file.Read("step");
        return (int)step.item<long>();
    }
}
