using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Suites;
using Roma.Models.Qwen3Vl;
using Roma.Training;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Runs;

/// <summary>A model of 20,000 parameters that has learnt to answer "a" or "bb", and runs that go on from there.</summary>
public sealed class TinyRuns : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TinyRuns()
    {
        Untrained = _folder.File("untrained");
        NanoModel.Create(Untrained, 5, size: new Qwen3VlSize
        {
            Hidden = 32, Mlp = 32, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 16, MropeSection = [3, 3, 2], VisionHidden = 16, VisionMlp = 16, VisionDepth = 1, VisionHeads = 1,
            PositionEmbeddings = 16, PatchSize = 8, Pixels = (32 * 32, 32 * 32),
        });
        Model = Run("start", Settings(new SftMethod(), 60) with { Model = Untrained, Prompts = 16, Optimizer = new(Lr: 1e-2) }).Latest!;
    }

    /// <summary>The model with random weights.</summary>
    public string Untrained { get; }

    /// <summary>The model that answers.</summary>
    public string Model { get; } = "";

    /// <summary>Methods by a name for test output; every view count, worst case and selection that takes a way of its own through the trainer.</summary>
    public static Dictionary<string, (IMethod Method, double Share)> Methods { get; } = new()
    {
        ["sft"] = (new SftMethod(), 1),
        ["grpo"] = (new GrpoMethod(), 1),
        ["grpo_augmented"] = (new GrpoAugmentedMethod(), 0.5),
        ["roma, one view of half of the prompts"] = (new RomaMethod(Views: 1), 0.5),
        ["roma, worst trajectory and random auxiliary view of three"] = (new RomaMethod(Views: 3, View: AuxiliaryView.Random), 1),
        ["roma, worst of three at each token"] = (new RomaMethod(Views: 3, WorstCase: new TokenWorstCase(), Anchor: Anchor.Joint), 0.5),
        ["roma, worst view of a prompt, found by two responses"] = (new RomaMethod(Views: 3, WorstBy: WorstBy.Prompt, SelectOn: 2), 0.5),
        ["drac"] = (new DracMethod(Views: 2), 1),
        ["filtered_views"] = (new FilteredViewsMethod(Views: 2), 0.5),
        ["noisy_rollout"] = (new NoisyRolloutMethod(), 1),
        ["grpo, adaptive KL to a reference policy, entropy"] = (new GrpoMethod(new(Beta: 0.1, Controller: new AdaptiveKlController(0.01, 100), Entropy: 0.01)), 1),
        ["roma, full divergence of the worst of two, full KL to a reference policy"] = (new RomaMethod(Views: 2, Estimator: new FullKlEstimator(), Policy: new(Beta: 0.1, ReferenceEstimator: new FullKlEstimator())), 0.5),
        ["roma, full divergence of two at each token, joint"] = (new RomaMethod(Views: 2, WorstCase: new TokenWorstCase(), Anchor: Anchor.Joint, Estimator: new FullKlEstimator()), 0.5),
    };

    public static TheoryData<string> Names => [.. Methods.Keys];

    public TrainingSettings Settings(string name, int steps) => Settings(Methods[name].Method, steps) with { Views = new(Share: Methods[name].Share, Scale: PixelScale.Reference) };

    public TrainingSettings Settings(IMethod method, int steps) => new(
        Model, new LetterData(), method, steps, new ExactAnswer(), Prompts: 4, Group: 4, MaxTokens: 4, Seed: 3, Views: new(Scale: PixelScale.Reference), Optimizer: new(Lr: 1e-3));

    /// <summary>A validation every other step.</summary>
    public static ValidationSettings Validation => new(new EvaluationSuite("letters", 1, new LetterData(20), new ExactAnswer()), Every: 2);

    public string Folder(string name) => _folder.File(name);

    /// <summary>Runs, or goes on with a run, in a folder of this name.</summary>
    public CheckpointStore Run(string name, TrainingSettings settings, IProgressSink? progress = null, CancellationToken interrupt = default)
    {
        using var trainer = new Trainer(settings, Folder(name));
        trainer.Run(progress, interrupt);
        return trainer.Checkpoints;
    }

    /// <summary>Everything of a run that does not depend on the clock: metrics, weights, optimiser, state.</summary>
    public string[] Result(string name)
    {
        string last = new CheckpointStore(Path.Combine(Folder(name), "checkpoints"), 1).Latest!;
        TrainingState state = CheckpointStore.ReadState(last);
        return [.. Metrics(name), Path.GetFileName(last), $"{state with { Seconds = 0, Configuration = null }}", .. new[] { "model", "optimizer" }.Select(file => Convert.ToHexString(File.ReadAllBytes(Path.Combine(last, file + ".safetensors"))))];
    }

    public string[] Metrics(string name) => [.. File.ReadLines(Path.Combine(Folder(name), "metrics.jsonl")).Select(line =>
    {
        JsonObject metrics = JsonNode.Parse(line)!.AsObject();
        metrics.Remove("machine");
        return metrics.ToJsonString();
    })];

    public void Dispose() => _folder.Dispose();
}
