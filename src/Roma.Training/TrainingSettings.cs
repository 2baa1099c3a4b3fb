using Roma.Data;
using Roma.Evaluation.Answers;
using Roma.Models.Lora;
using Roma.Training.Advantages;
using Roma.Training.Methods;
using Roma.Training.Optimization;
using Roma.Training.Rewards;

namespace Roma.Training;

/// <summary>One training run: what a recipe holds.</summary>
/// <param name="Model">The model folder to start from; a run's folder stands for its newest checkpoint.</param>
/// <param name="Data">The questions.</param>
/// <param name="Method">What is optimised: <c>sft</c>, <c>grpo</c>, <c>roma</c>, ...</param>
/// <param name="Steps">Steps, at least 1: each draws questions, gets responses and learns from them.</param>
/// <param name="Answer">How replies are judged. Needed by methods that sample.</param>
/// <param name="Prompts">Questions a step, at least 1.</param>
/// <param name="Group">Sampled responses a question, at least 1.</param>
/// <param name="MaxTokens">Most tokens of a response, its end token included.</param>
/// <param name="Temperature">Divides the logits, in sampling and in scoring; above 0.</param>
/// <param name="Seed">Everything random is drawn from it: data order, views, samples.</param>
/// <param name="Prompt">The user's text; {question} stands for the question.</param>
/// <param name="Views">Where corrupted views come from.</param>
/// <param name="Advantage">How rewards become advantages; null: <c>grpo</c>.</param>
/// <param name="Optimizer">AdamW, its rate and schedule.</param>
/// <param name="MicroPrompts">Questions back-propagated at once; the result does not depend on it (up to rounding); null: all of a step.</param>
/// <param name="SaveEvery">Steps between checkpoints.</param>
/// <param name="KeepLast">How many checkpoints are kept; beside them the one before, until a step after the newest went well.</param>
/// <param name="Validation">How the run checks itself; null: not.</param>
/// <param name="Stop">When to end before the last step; null: not.</param>
/// <param name="Rewards">The parts of the reward; null: <c>answer</c> alone.</param>
/// <param name="Refills">
/// Dynamic sampling (DAPO): how many further batches a step may draw in place of questions whose responses are all right or all wrong, at least 0; 0: such questions stay.
/// </param>
/// <param name="Freeze">Parameters that are not trained: names with * for any characters, for example <c>model.visual.*</c>; a pattern that names none is refused.</param>
/// <param name="Ema">The decay of an exponential average of the weights, saved beside them in <c>average</c>, above 0 and below 1; null: none.</param>
/// <param name="Reference">The model folder of the reference policy, where its KL has a coefficient; null: <paramref name="Model"/>.</param>
/// <param name="MicroTokens">Tokens back-propagated at once, prompts and responses, at least 1: the step is cut into as many parts as that takes; null: no limit.</param>
/// <param name="Lora">Train a low-rank adapter instead of the weights; null: the weights.</param>
/// <param name="Precision">The types to compute in.</param>
/// <param name="Recompute">Gradient checkpointing: layers are computed again in the backward pass, a third more work for the memory of one layer.</param>
/// <param name="SamplesEvery">Steps between samples of rollouts, with their pictures, in the run's folder; 0: none.</param>
/// <param name="System">A system turn before the user's; null: none.</param>
/// <param name="MaxPromptTokens">Most tokens of a prompt, those of its pictures included, at least 1; null: what the model's positions leave beside <paramref name="MaxTokens"/>.</param>
/// <param name="OverLong">What becomes of samples that are longer.</param>
/// <param name="Updates">Optimiser updates a step, 1 to <paramref name="Prompts"/>: its questions are cut into as many mini-batches. From the second on the policy has moved since it sampled, and ratios are clipped.</param>
/// <param name="Iterations">How often a step's responses are learnt from, at least 1 (the mu of GRPO): as many times <paramref name="Updates"/> updates.</param>
/// <param name="RolloutTokens">Tokens whose keys and values are held at once in sampling, prompts and responses of full length, at least 1: a step's prompts are sampled in as many parts as that takes, with the same result; null: no limit.</param>
public sealed record TrainingSettings(
    string Model, IDataset Data, IMethod Method, int Steps, IAnswerRule? Answer = null, int Prompts = 32, int Group = 8, int MaxTokens = 8, double Temperature = 1, ulong Seed = 0,
    string Prompt = "{question}", ViewSettings? Views = null, IAdvantage? Advantage = null, AdamWSettings? Optimizer = null, int? MicroPrompts = null, int SaveEvery = 100,
    int KeepLast = 1, ValidationSettings? Validation = null, StopSettings? Stop = null, IReadOnlyList<IReward>? Rewards = null, int Refills = 0, IReadOnlyList<string>? Freeze = null, double? Ema = null,
    string? Reference = null, int SamplesEvery = 100, int? MicroTokens = null, LoraSettings? Lora = null,
    Precision Precision = Precision.Fp32, bool Recompute = false, string? System = null, int? MaxPromptTokens = null, OverLong OverLong = OverLong.Refuse, int Updates = 1, int Iterations = 1, int? RolloutTokens = null)
{
    /// <summary>How replies are judged.</summary>
    public IAnswerRule? Answer { get; init; } = Answer is null && Method.Sampling is not null
        ? throw new Core.RomaException("A method that samples responses needs an answer rule to reward them.", "Set answer, for example `answer: exact`.") : Answer;

    /// <summary>Steps.</summary>
    public int Steps { get; init; } = Require.AtLeast(Steps, 1);

    /// <summary>Questions a step.</summary>
    public int Prompts { get; init; } = Require.AtLeast(Prompts, 1);

    /// <summary>Sampled responses a question.</summary>
    public int Group { get; init; } = Method.Sampling is null || !Method.Objective.Policy.Loss.NeedsAdvantage || Method.Objective.LambdaClean == 0 || Group >= (Advantage ?? new GrpoAdvantage()).SmallestGroup ? Require.AtLeast(Group, 1)
        : throw new Core.RomaException($"group is {Group}: a response is compared with the others of its question, and there are none.", "Set group to 2 or more.");

    /// <summary>Most tokens of a response.</summary>
    public int MaxTokens { get; init; } = Require.AtLeast(MaxTokens, 1);

    /// <summary>Divides the logits.</summary>
    public double Temperature { get; init; } = Require.Positive(Temperature);

    /// <summary>The user's text.</summary>
    public string Prompt { get; init; } = Prompt.Contains("{question}", StringComparison.Ordinal) ? Prompt
        : throw new Core.RomaException("prompt has no {question}: the question would never be asked.", "Put {question} where the sample's question goes.");

    /// <summary>Where corrupted views come from.</summary>
    public ViewSettings Views { get; init; } = Views ?? new();

    /// <summary>How rewards become advantages.</summary>
    public IAdvantage Advantage { get; init; } = Advantage ?? new GrpoAdvantage();

    /// <summary>AdamW, its rate and schedule.</summary>
    public AdamWSettings Optimizer { get; init; } = Optimizer ?? new();

    /// <summary>Questions back-propagated at once.</summary>
    public int? MicroPrompts { get; init; } = MicroPrompts is { } size ? Require.AtLeast(size, 1, nameof(MicroPrompts)) : null;

    /// <summary>Tokens back-propagated at once.</summary>
    public int? MicroTokens { get; init; } = MicroTokens is { } tokens ? Require.AtLeast(tokens, 1, nameof(MicroTokens)) : null;

    /// <summary>Steps between checkpoints.</summary>
    public int SaveEvery { get; init; } = Require.AtLeast(SaveEvery, 1);

    /// <summary>How many checkpoints are kept.</summary>
    public int KeepLast { get; init; } = Require.AtLeast(KeepLast, 1);

    /// <summary>When to end before the last step.</summary>
    public StopSettings Stop { get; init; } = Stop?.Accuracy is null || Validation is not null ? Stop ?? new()
        : throw new Core.RomaException("stop.accuracy ends a run at a validation, and validation is not set.", "Set validation, for example validation.suite.");

    /// <summary>The parts of the reward.</summary>
    public IReadOnlyList<IReward> Rewards { get; init; } = Rewards is not { Count: > 0 } ? [new AnswerReward()]
        : Rewards.GroupBy(reward => reward.GetType()).FirstOrDefault(same => same.Count() > 1) is not { } twice ? Rewards
        : throw new Core.RomaException($"rewards names {Core.NamedTypes.NameOf(twice.Key)} {twice.Count()} times.", "Name each once, and give it a weight.");

    /// <summary>How many further batches a step may draw.</summary>
    public int Refills { get; init; } = Require.AtLeast(Refills, 0);

    /// <summary>Patterns of parameters that are not trained.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = Freeze ?? [];

    /// <summary>The decay of the average of the weights.</summary>
    public double? Ema { get; init; } = Ema is { } decay ? Require.Within(decay, 0, Math.BitDecrement(1.0), openBelow: true, name: nameof(Ema)) : null;

    /// <summary>Settings that may change while a run goes on: how long it is and what it keeps. A schedule that depends on the number of steps follows the new one from then on.</summary>
    public static IReadOnlyList<string> Free { get; } = ["steps", "stop", "save_every", "keep_last", "samples_every", "validation.every", "validation.batch_size"];

    /// <summary>Most tokens of a prompt.</summary>
    public int? MaxPromptTokens { get; init; } = MaxPromptTokens is { } most ? Require.AtLeast(most, 1, nameof(MaxPromptTokens)) : null;

    /// <summary>Optimiser updates a step.</summary>
    public int Updates { get; init; } = Updates <= Prompts ? Require.AtLeast(Updates, 1)
        : throw new Core.RomaException($"updates is {Updates}, but a step has {Prompts} questions.", "Set prompts to at least updates.");

    /// <summary>What is optimised.</summary>
    public IMethod Method { get; init; } = Method.Objective.Policy is { Beta: > 0, Controller: Losses.AdaptiveKlController { Horizon: var horizon } } && horizon < 0.2 * Prompts * Group / Updates
        ? throw new Core.RomaException($"horizon is {horizon}, but an update has {Prompts * Group / Updates} responses: the coefficient could fall below 0.", "Set method.policy.controller.horizon to many times the responses of a step (10000 is usual).") : Method;

    /// <summary>How often a step's responses are learnt from.</summary>
    public int Iterations { get; init; } = Require.AtLeast(Iterations, 1);

    /// <summary>Tokens whose keys and values are held at once in sampling.</summary>
    public int? RolloutTokens { get; init; } = RolloutTokens is { } held ? Require.AtLeast(held, 1, nameof(RolloutTokens)) : null;

    /// <summary>Steps between samples of rollouts.</summary>
    public int SamplesEvery { get; init; } = Require.AtLeast(SamplesEvery, 0);
}
