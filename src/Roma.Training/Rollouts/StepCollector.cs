using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Noise;
using Roma.Models;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Methods;
using Roma.Training.Runs;
using Roma.Training.Scoring;

namespace Roma.Training.Rollouts;

/// <summary>
/// Everything of a step that comes before its loss: questions, their prompts with pictures, and rewarded responses. With dynamic sampling, questions whose responses are all right or all wrong are replaced from the
/// next batches; what was drawn is counted, so a resumed run goes on at the same place.
/// </summary>
/// <param name="model">The policy.</param>
/// <param name="settings">The run.</param>
/// <param name="source">Draws questions.</param>
public sealed class StepCollector(VisionLanguageModel model, TrainingSettings settings, StepSource source)
{
    private readonly RolloutSampler _sampler = new(model, settings);
    private readonly LengthLimit _limit = new(settings, model);
    private readonly Dictionary<string, TokenPrompt> _prompts = [];

    /// <summary>Collects a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="drawn">Batches drawn before it.</param>
    /// <param name="timers">Get the time of <c>data</c>, <c>views</c>, <c>encode</c> and <c>rollout</c>.</param>
    /// <param name="progress">Shows how many tokens were drawn; null: nobody looks.</param>
    public CollectedStep Collect(int step, int drawn, StageTimers timers, IProgressSink? progress = null)
    {
        using IProgressTask? task = settings.Method.Sampling is null ? null : progress?.Start("sampling", 0, "tokens");
        CollectedStep first = Draw(step, drawn, timers, task);
        if (settings.Refills == 0 || settings.Method.Sampling is null)
            return first;
        var parts = new List<(CollectedStep Step, int[] Kept)> { (first, Contrasting(first)) };
        while (parts.Sum(part => part.Kept.Length) < settings.Prompts && parts.Count <= settings.Refills)
        {
            int draw = drawn + parts.Count;
            CollectedStep more = Draw(step, draw, timers, task);
            parts.Add((more, [.. Contrasting(more).OrderBy(p => CounterRandom.Key(settings.Seed, "refill", draw, p)).Take(settings.Prompts - parts.Sum(part => part.Kept.Length)).Order()])); // the first ones are those with views
        }
        StepRollouts[] sampled = [.. parts.Select(part => part.Step.Rollouts)];
        if (parts.All(part => part.Kept.Length == 0))
            return first with { Sampled = sampled }; // nothing to learn from; the step changes nothing, and the run goes on
        if (parts.Count == 1 && parts[0].Kept.Length == first.Batch.Questions.Count)
            return first;
        StepQuestion[] questions = [.. parts.SelectMany(part => part.Kept.Select(p => part.Step.Batch.Questions[p]))];
        return new(new StepBatch(step, questions), PromptBatch.Join([.. parts.Select(part => (part.Step.Prompts, part.Kept))]), _sampler.Join([.. parts.Select(part => (part.Step.Rollouts, part.Kept))]), sampled);
    }

    private CollectedStep Draw(int step, int draw, StageTimers timers, IProgressTask? progress)
    {
        StepBatch batch = source.Get(draw, timers, step);
        PromptBatch prompts = timers.Time("encode", () => Encode(batch));
        StepRollouts rollouts = timers.Time("rollout", () => settings.Method.Sampling is null
            ? _sampler.Imitate([.. batch.Questions.Select(question => question.Response)])
            : _sampler.Sample(draw, prompts, [.. batch.Questions.Select(question => question.Sample.Answer)], Noised(batch, draw, prompts), progress));
        return new(batch, prompts, rollouts, [rollouts]);
    }

    private static int[] Contrasting(CollectedStep step) => [.. step.Rollouts.Trajectories.ScorableGroups()
        .Where(group => DynamicSampling.Keeps([.. group.Select(i => step.Rollouts.Trajectories.Accuracy[i])])).Select(group => step.Rollouts.Owners[group[0]])];

    private PromptBatch Encode(StepBatch batch)
    {
        bool corrupted = settings.Method.LossOn == LossView.Corrupted;
        var prompts = PromptBatch.Of(model, [.. batch.Questions.Select(Prompt)],
            [.. batch.Questions.Select(question => corrupted && question.Views.Count > 0 ? question.Pictures[0] : question.Sample.Images)]);
        return settings.Method.Sampling is null ? prompts : prompts with { Features = prompts.Detached(model.Network) }; // for rollout and scoring
    }

    /// <summary>The pictures under the diffusion noise of this point of training; null where the method samples on one view alone, or the noise has faded.</summary>
    private PromptBatch? Noised(StepBatch batch, int draw, PromptBatch prompts)
    {
        if (settings.Method.Noise is not { } annealed || settings.Method.Sampling != SamplingView.HalfNoised || annealed.DiffusionStep(batch.Step + 1, settings.Steps) is not (> 0 and var diffusion))
            return null;
        var noise = new DiffusionNoise(diffusion);
        return PromptBatch.Of(model, prompts.Prompts, [.. batch.Questions.Select((question, p) =>
            (IReadOnlyList<RgbImage>)[.. question.Sample.Images.Select((image, i) => noise.Apply(image, CounterRandom.Of(settings.Seed, "noise", draw, p, i), Fidelity.Rounded))])]);
    }

    private TokenPrompt Prompt(StepQuestion question)
    {
        string key = string.Join(';', question.Sample.Images.Select(image => $"{image.Width}x{image.Height}")) + question.Sample.Question;
        if (_prompts.TryGetValue(key, out TokenPrompt? known))
            return known;
        if (_prompts.Count > 10_000)
            _prompts.Clear();
        TokenPrompt prompt = _limit.Prompt(question.Sample.Question, question.Sample.Images.Select(image => (image.Width, image.Height)));
        _limit.Refuse(prompt, question.Sample.Id);
        return _prompts[key] = prompt;
    }
}
