using Roma.Core;
using Roma.Models;
using Roma.Training.Losses;
using Roma.Training.Optimization;
using Roma.Training.Rollouts;
using Roma.Training.Runs;

namespace Roma.Training.Scoring;

/// <summary>Learns from the responses of a step: mini-batch by mini-batch a gradient and an update. An update whose loss or gradient is not finite is left out.</summary>
/// <param name="settings">The run.</param>
/// <param name="policy">What it trains.</param>
/// <param name="optimizer">Moves the trained parameters.</param>
/// <param name="reference">The reference policy; null where its KL has no coefficient.</param>
public sealed class Learner(TrainingSettings settings, Policy policy, AdamW optimizer, VisionLanguageModel? reference)
{
    private readonly Objective _objective = new(settings.Method.Objective);
    private readonly StepGradient _gradient = new(policy.Model, optimizer, settings.Method.Objective, settings.Temperature, settings.Seed, settings.Recompute, reference);

    /// <summary>Called with an update that is left out: its questions and the norm of its gradient.</summary>
    public required Action<Experience, double> OnSkipped { get; init; }

    /// <summary>The coefficient of the KL to the reference policy, which a controller moves after each step in which something was measured.</summary>
    public required double Beta { get; set; }

    /// <summary>Updates left out since the last one that moved the weights.</summary>
    public int SkippedInARow { get; private set; }

    /// <summary>Learns from a step. What is measured is the mean over its updates; the ratio's deviation is the first one's.</summary>
    /// <param name="step">Its responses.</param>
    /// <param name="timers">Get the time of <c>forward</c>, <c>loss</c>, <c>backward</c>, <c>optimizer</c>, and of <c>old</c> where log-probabilities before the first update are needed.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <returns>The loss (<c>total</c>), its terms and what was measured.</returns>
    public Dictionary<string, double> Learn(CollectedStep step, StageTimers timers, IProgressSink progress)
    {
        using IProgressTask task = progress.Start("learning from", (long)step.Batch.Questions.Count * settings.Iterations, "prompts");
        Experience all = settings.Lora is { Dropout: > 0 } ? step.Experience with { Prompts = step.Prompts.WithDropout(settings.Seed, step.Batch.Step), Sampled = null } : step.Experience;
        int parts = Math.Min(settings.Updates, all.Questions.Count);
        Experience[] batches = [.. Enumerable.Range(0, parts).Select(part => all.Take([.. Enumerable.Range(0, all.Questions.Count).Where(p => p % parts == part)]))]; // the first prompts are those with views
        for (int i = settings.Iterations > 1 ? 0 : 1; i < parts && settings.Method.Objective.NeedsOldLogProbs; i++)
            batches[i] = batches[i] with { Old_NT = timers.Time("old", () => _gradient.LogProbs(batches[i], MicroBatches.Of(batches[i], settings))) };
        Dictionary<string, double> metrics = Update(batches[0], timers, task);
        if (settings.Iterations * parts > 1)
        {
            var measured = new List<(Dictionary<string, double> Metrics, int Prompts)> { (metrics, batches[0].Questions.Count) };
            for (int update = 1; update < settings.Iterations * parts; update++)
                measured.Add((Update(Moved(batches[update % parts]), timers, task), batches[update % parts].Questions.Count));
            Dictionary<string, double> first = metrics;
            metrics = measured.SelectMany(update => update.Metrics.Keys).Distinct().ToDictionary(name => name, name => name is "ratio_deviation" or "sampler_deviation" ? first.GetValueOrDefault(name) : Mean(measured, name));
        }
        int responses = _objective.DenominatorsOf(all.Rows).Sequences;
        if (responses > 0 && metrics.ContainsKey("beta"))
            Beta = settings.Method.Objective.Policy.Controller.Next(Beta, metrics["reference_kl_nats"], responses);
        return metrics;

        // After an update what the sampler knew is old; so are encoded pictures where the vision tower learns.
        Experience Moved(Experience batch) => batch with { Sampled = null, Prompts = policy.Model.Network.VisionLearns ? batch.Prompts with { Features = null } : batch.Prompts };
    }

    /// <summary>Over the updates that have a finite value, by their numbers of prompts.</summary>
    private static double Mean(List<(Dictionary<string, double> Metrics, int Prompts)> measured, string name)
    {
        (double Value, int Prompts)[] finite = [.. measured.Where(update => double.IsFinite(update.Metrics.GetValueOrDefault(name, double.NaN))).Select(update => (update.Metrics[name], update.Prompts))];
        return finite.Length == 0 ? double.NaN : finite.Sum(update => update.Value * update.Prompts) / finite.Sum(update => update.Prompts);
    }

    /// <summary>Back-propagates a mini-batch and updates.</summary>
    private Dictionary<string, double> Update(Experience batch, StageTimers timers, IProgressTask task)
    {
        Dictionary<string, double> metrics = _gradient.Add(batch, MicroBatches.Of(batch, settings), Beta, timers, task);
        double norm = metrics["grad_norm"] = timers.Time("optimizer", () => optimizer.ClipGradNorm(settings.Optimizer.MaxGradNorm));
        double rate = metrics["lr"] = settings.Optimizer.Lr * settings.Optimizer.Schedule.At(batch.Step, settings.Steps);
        bool isFinite = double.IsFinite(norm) && double.IsFinite(metrics["total"]);
        if (isFinite)
        {
            if (norm > 0)
                SkippedInARow = 0;
            timers.Time("optimizer", () => optimizer.Step(rate));
            if (metrics.ContainsKey("reference_kl_nats"))
                metrics["beta"] = Beta;
        }
        optimizer.ZeroGrad();
        if (!isFinite)
        {
            SkippedInARow++;
            OnSkipped(batch, norm);
        }
        return metrics;
    }
}
