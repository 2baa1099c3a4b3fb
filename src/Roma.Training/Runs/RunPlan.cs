using System.Globalization;
using Roma.Core;
using Roma.Training.Data;
using Roma.Training.Losses;
using Roma.Training.Methods;
using static TorchSharp.torch;

namespace Roma.Training.Runs;

/// <summary>What a run's settings amount to: the samples that it asks and the sizes that follow, known before any weight is read.</summary>
public sealed class RunPlan
{
    private readonly long _held;

    private RunPlan(TrainingSettings settings, Policy policy, SamplePool pool)
    {
        Pool = pool;
        bool samples = settings.Method.Sampling is not null;
        int prompts = settings.Prompts, responses = samples ? prompts * settings.Group : prompts, part = (prompts + settings.Updates - 1) / settings.Updates, micro = settings.MicroPrompts is { } size ? (part + size - 1) / size : 1;
        int views = settings.Method.Views, viewed = views == 0 ? 0 : (int)Math.Ceiling(settings.Views.Share * prompts - 1e-9);
        Dictionary<string, long> all = Parts(policy.Model.Network.named_parameters().Select(p => (p.name, (Tensor)p.parameter))), some = Parts(policy.Trained.Select(entry => (entry.Name, (Tensor)entry.Parameter)));
        long weights = policy.Model.Network.parameters().Sum(Bytes), gradients = policy.Trained.Sum(entry => Bytes(entry.Parameter)), state = 2 * gradients + (settings.Ema is null ? 0 : gradients);
        long reference = settings.Method.Objective.Policy.Beta > 0 ? weights : 0;
        _held = weights + gradients + state + reference;
        var activations = new ActivationMemory(settings, policy, pool.IndexOf(0));
        Rows =
        [
            ("prompts a step", N(prompts)),
            ("responses a step", samples ? $"{N(responses)} ({settings.Group} a prompt, of at most {settings.MaxTokens} tokens)" : $"{N(responses)}, the data's own"),
            ("updates a step", settings.Updates * settings.Iterations == 1 ? "1" : $"{N((long)settings.Updates * settings.Iterations)}, of {part} prompts each{(settings.Iterations > 1 ? $", every prompt {settings.Iterations} times" : "")}"),
            ("micro-batches an update", settings.MicroTokens is { } budget ? $"at least {N(micro)}, of at most {N(budget)} tokens" : N(micro)),
            ("forward passes a response", Passes(settings, viewed)),
            ("steps", $"{N(settings.Steps)}: {N((long)settings.Steps * prompts)} questions, {N((long)settings.Steps * responses)} responses{(settings.Refills > 0 ? $" to learn from, up to {N(1 + settings.Refills)} times as many drawn" : "")}{(pool.Count is { } count ? FormattableString.Invariant($", {(double)settings.Steps * prompts / count:0.##} epochs of {count:N0}") : "")}"),
            .. settings.Method.Noise is { } noise ? new (string, string)[] { ("noise", $"diffusion step {noise.DiffusionStep(1, settings.Steps)} at first, {noise.DiffusionStep((settings.Steps + 1) / 2, settings.Steps)} half way, {noise.DiffusionStep(settings.Steps, settings.Steps)} at last") } : [],
            .. pool.Skipped > 0 ? new (string, string)[] { ("left out", $"{N(pool.Skipped)} of {N(pool.All!.Value)} samples: prompts of more than {N(new LengthLimit(settings, policy.Model).Most)} tokens") } : [],
            .. all.Select(part => ("trained of " + part.Key, $"{N(some.GetValueOrDefault(part.Key))} of {N(part.Value)} parameters")),
            ("memory", $"about {M(_held + activations.Peak)} MB: weights {M(weights)}, gradients {M(gradients)}, optimiser {M(state)}{(reference > 0 ? $", reference policy {M(reference)}" : "")}, activations {M(activations.Peak)} (prompts of {activations.PromptTokens} tokens like the first, responses of {activations.ResponseTokens}); beside it the runtime's few hundred"),
        ];
    }

    /// <summary>Derives them from the data and from the model's headers.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="checkpoint">Its last checkpoint, or null.</param>
    /// <param name="decode">Also decodes every stored picture.</param>
    /// <exception cref="RomaException">Model, data or settings are faulty.</exception>
    public static RunPlan Of(TrainingSettings settings, string? checkpoint = null, bool decode = false)
    {
        using var policy = Policy.Load(settings, checkpoint, device: null, outline: true);
        return new(settings, policy, SamplePool.Of(settings, policy.Model, decode));
    }

    /// <summary>The samples that are asked.</summary>
    public SamplePool Pool { get; }

    /// <summary>Names and values, in the order in which they are read.</summary>
    public IReadOnlyList<(string Name, string Value)> Rows { get; }

    /// <summary>Refuses a run whose weights, gradients and optimiser alone are more than this machine's memory: the operating system would end it without a word.</summary>
    /// <param name="memory">The machine's, in bytes.</param>
    /// <exception cref="RomaException">They are.</exception>
    public void RefuseIfMoreThan(long memory)
    {
        if (_held > memory)
            throw new RomaException($"Weights, gradients and optimiser need {M(_held)} MB; this machine has {M(memory)} MB.", "Train an adapter (for example lora.rank=16 precision=bf16), freeze parts of the model, or take a larger machine.");
    }

    private static string Passes(TrainingSettings settings, int viewed)
    {
        ObjectiveSettings objective = settings.Method.Objective;
        (int selecting, int learning) = objective.ViewPasses(settings.Method.Views);
        string by = objective.SelectOn < settings.Group ? $" by {objective.SelectOn} of {settings.Group} responses" : "";
        return (settings.Method.LossOn == LossView.Corrupted ? "1, on the corrupted view" : "1")
            + (selecting > 0 ? $" + {selecting} without gradient{by} + 1 on the worst view{(learning > 1 ? " + 1 on a drawn one" : "")}" : learning > 0 ? $" + {learning}" : "")
            + (objective.Policy.Beta > 0 ? " + 1 of the reference policy" : "")
            + (objective.NeedsOldLogProbs && settings.Updates * settings.Iterations > 1 ? " + 1 without gradient before the first update" : "")
            + (learning > 0 && viewed < settings.Prompts ? $", the views for {viewed} of {settings.Prompts} prompts" : "");
    }

    private static Dictionary<string, long> Parts(IEnumerable<(string Name, Tensor Weight)> weights) => weights
        .GroupBy(entry => entry.Name.Contains("visual.", StringComparison.Ordinal) ? entry.Name.Contains("merger", StringComparison.Ordinal) ? "vision merger" : "vision tower" : "language model")
        .ToDictionary(part => part.Key, part => part.Sum(entry => entry.Weight.numel()));

    private static long Bytes(Tensor weight) => weight.numel() * weight.ElementSize;

    private static string M(long bytes) => N((bytes + (1 << 19)) >> 20);

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
