using System.Globalization;
using static TorchSharp.torch;

namespace Roma.Training.Runs;

/// <summary>What a run's settings amount to: the sizes that follow from them, before the first step.</summary>
public sealed class RunPlan
{
    /// <summary>Derives the sizes.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="policy">What it trains.</param>
    /// <param name="pool">The samples that are asked; null: all of the data.</param>
    public RunPlan(TrainingSettings settings, Policy policy, Data.SamplePool? pool = null)
    {
        bool samples = settings.Method.Sampling is not null;
        int prompts = settings.Prompts, responses = samples ? prompts * settings.Group : prompts, micro = settings.MicroPrompts is { } size ? (prompts + size - 1) / size : 1;
        int views = settings.Method.Views, viewed = views == 0 ? 0 : (int)Math.Ceiling(settings.Views.Share * prompts - 1e-9);
        bool selects = settings.Method.Objective is { LambdaKl: > 0, WorstCase.NeedsAllViews: false } && views > 1;
        Dictionary<string, long> all = Parts(policy.Model.Network.named_parameters().Select(p => (p.name, (Tensor)p.parameter))), some = Parts(policy.Trained.Select(entry => (entry.Name, (Tensor)entry.Parameter)));
        long weights = policy.Model.Network.parameters().Sum(Bytes), gradients = policy.Trained.Sum(entry => Bytes(entry.Parameter)), state = 2 * gradients + (settings.Ema is null ? 0 : gradients);
        var activations = new ActivationMemory(settings, policy, pool?.IndexOf(0) ?? 0);
        Rows =
        [
            ("prompts a step", N(prompts)),
            ("responses a step", samples ? $"{N(responses)} ({settings.Group} a prompt, of at most {settings.MaxTokens} tokens)" : $"{N(responses)}, the data's own"),
            ("micro-batches a step", settings.MicroTokens is { } budget ? $"at least {N(micro)}, of at most {N(budget)} tokens" : N(micro)),
            ("forward passes a response", $"1{(selects ? $" + {views} without gradient + 1 on the worst view" : views > 0 ? $" + {views}" : "")}{(viewed > 0 && viewed < prompts ? $", the views for {viewed} of {prompts} prompts" : "")}"),
            ("steps", $"{N(settings.Steps)}: {N((long)settings.Steps * prompts)} questions, {N((long)settings.Steps * responses)} responses{((pool?.Count ?? settings.Data.Count) is { } count ? FormattableString.Invariant($", {(double)settings.Steps * prompts / count:0.##} epochs of {count:N0}") : "")}"),
            .. pool?.Skipped > 0 ? new (string, string)[] { ("left out", $"{N(pool.Skipped)} of {N(pool.All!.Value)} samples: prompts of more than {N(new Data.LengthLimit(settings, policy.Model).Most)} tokens") } : [],
            .. all.Select(part => ("trained of " + part.Key, $"{N(some.GetValueOrDefault(part.Key))} of {N(part.Value)} parameters")),
            ("memory", $"about {M(weights + gradients + state + activations.Peak)} MB: weights {M(weights)}, gradients {M(gradients)}, optimiser {M(state)}, activations {M(activations.Peak)} (prompts of {activations.PromptTokens} tokens like the first, responses of {activations.ResponseTokens}); beside it the runtime's few hundred"),
        ];
    }

    /// <summary>Names and values, in the order in which they are read.</summary>
    public IReadOnlyList<(string Name, string Value)> Rows { get; }

    private static Dictionary<string, long> Parts(IEnumerable<(string Name, Tensor Weight)> weights) => weights
        .GroupBy(entry => entry.Name.Contains("visual.", StringComparison.Ordinal) ? entry.Name.Contains("merger", StringComparison.Ordinal) ? "vision merger" : "vision tower" : "language model")
        .ToDictionary(part => part.Key, part => part.Sum(entry => entry.Weight.numel()));

    private static long Bytes(Tensor weight) => weight.numel() * weight.ElementSize;

    private static string M(long bytes) => N((bytes + (1 << 19)) >> 20);

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
