using System.Diagnostics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Roma.Models;
using Roma.Training.Data;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Optimization;
using Roma.Training.Rollouts;
using Roma.Training.Runs;
using Roma.Training.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training;

/// <summary>
/// Trains: draw questions, sample responses on the sampling view, reward them, score the same responses under every view, back-propagate the one objective, update. The method
/// is data (<see cref="IMethod"/>); nothing here asks which one it is.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const int MostSkipsInARow = 5;
    private const double MostSamplerDeviation = 0.1; // fp32 has 1e-5, bf16 more
    private readonly TrainingSettings _settings;
    private readonly RunDirectory _directory;
    private readonly Policy _policy;
    private readonly VisionLanguageModel? _reference;
    private readonly AdamW _optimizer;
    private readonly WeightAverage? _average;
    private readonly MetricsLog _metrics;
    private readonly EventLog _events;
    private readonly SkippedLog _skipped;
    private readonly StepCollector _collector;
    private readonly SuiteRunner? _validation;
    private string _lastValidation = "";
    private int _skippedInARow, _saved;

    /// <summary>Prepares a run, or goes on with the one that stands in the folder from its last checkpoint.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="directory">The run's folder.</param>
    /// <param name="device">Where to compute; null: the CPU.</param>
    /// <param name="acceptData">Whether a run goes on with data that changed since its last checkpoint, for example with a picture that was mended.</param>
    /// <exception cref="RomaException">Model, configuration or folder are faulty.</exception>
    public Trainer(TrainingSettings settings, string directory, Device? device = null, bool acceptData = false)
    {
        _settings = settings;
        _validation = ValidationOf(settings);
        Checkpoints = new(Path.Combine(directory, "checkpoints"), settings.KeepLast);
        string? latest = Checkpoints.Latest;
        Plan = Check(settings, latest); // before the folder is made: a fault leaves nothing that the next try would be told to resume
        if ((device ?? CPU).type == DeviceType.CPU)
            Plan.RefuseIfMoreThan(Machine.TotalMemory);
        if (!acceptData && latest is not null && CheckpointStore.ReadState(latest).Data is { } data && data != Plan.Pool.Hash)
            throw new RomaException($"The data changed since {latest} was written: {settings.Data.Name} had the SHA-256 {data}, now {Plan.Pool.Hash}.", "Restore the data, train in another folder, or go on with what is there now: --accept-data.");
        _policy = Policy.Load(settings, latest, device);
        try
        {
            _directory = new(directory, settings, settings.Seed, resume: true, TrainingSettings.Free);
            _optimizer = new(_policy.Trained, settings.Optimizer);
            _average = settings.Ema is { } decay ? new(_policy.Trained.Select(entry => (entry.Name, (Tensor)entry.Parameter)), decay) : null;
            State = latest is null ? new(0, 0, 0, false, 0, null, settings.Method.Objective.Policy.Beta) : Checked(CheckpointStore.Load(latest, _optimizer, _average), latest);
            _saved = State.Step;
            if (settings.Method.Objective.Policy.Beta > 0)
            {
                State = State with { Reference = State.Reference ?? Path.GetFullPath(ReferenceOf(settings)) };
                _reference = VisionLanguageModel.Load(State.Reference, device, _policy.Model.Network.WeightType);
                _reference.Network.ComputeType = _policy.Model.Network.ComputeType; // the KL of a policy to itself is 0
            }
            State = State with { Data = Plan.Pool.Hash, Configuration = _directory.ConfigurationHash };
            _collector = new(_policy.Model, settings, new StepSource(settings, Catalogue.Default, Plan.Pool));
            _metrics = new(_directory.PathOf("metrics.jsonl"), State.Step);
            _events = new(_directory.PathOf("events"), _metrics.Before);
            _skipped = new(_directory.PathOf("skipped.jsonl"));
            _skipped.CutAfter(State.Step);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the run stands.</summary>
    public TrainingState State { get; private set; }

    /// <summary>The run's checkpoints.</summary>
    public CheckpointStore Checkpoints { get; }

    /// <summary>What the settings amount to.</summary>
    public RunPlan Plan { get; }

    /// <summary>Checks a run as far as settings, data and headers tell, and derives its sizes. No weight is read and nothing is written.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="checkpoint">Its last checkpoint, or null.</param>
    /// <param name="decode">Also decodes every stored picture, where their headers are read otherwise.</param>
    /// <exception cref="RomaException">Model, configuration or data are faulty.</exception>
    public static RunPlan Check(TrainingSettings settings, string? checkpoint = null, bool decode = false)
    {
        _ = Catalogue.Default.Suite(settings.Views.Suite);
        _ = ValidationOf(settings);
        if (settings.Method.Objective.Policy.Beta > 0)
            VisionLanguageModel.Load(ReferenceOf(settings), outline: true).Dispose();
        return RunPlan.Of(settings, checkpoint, decode);
    }

    /// <summary>Trains until the last step, a stop rule, or an interruption, after which the step in progress is finished and saved.</summary>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="interrupt">Asks to end after the current step.</param>
    public void Run(IProgressSink? progress = null, CancellationToken interrupt = default)
    {
        if (State.Finished)
            return;
        progress ??= NoProgress.Instance;
        using IProgressTask task = progress.Start(NamedTypes.NameOf(_settings.Method.GetType()) ?? "train", _settings.Steps - State.Step, "steps");
        while (!State.Finished && !interrupt.IsCancellationRequested)
        {
            using DisposeScope scope = NewDisposeScope();
            var timers = new StageTimers();
            long start = Stopwatch.GetTimestamp();
            CollectedStep step = Collect(timers, progress);
            if (step.Sampled.Any(rollouts => rollouts.LogProbs?.Any(response => response.Any(value => !float.IsFinite(value))) == true))
                throw Broken($"The model's outputs are not finite any more at step {State.Step + 1}.");
            Dictionary<string, double> metrics = Learn(step, timers, progress);
            State = State with { Step = State.Step + 1, Drawn = State.Drawn + step.Sampled.Count };
            timers.Time("optimizer", () => _average?.Update(State.Step));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            State = State with { Seconds = State.Seconds + seconds };
            Record(step, metrics, timers, seconds);
            task.Advance();
            task.Status(Status(step, metrics, timers, seconds));
            bool enough = Validate(progress);
            State = State with { Finished = enough || State.Step >= _settings.Steps || State.Step >= _settings.Stop.MinSteps && State.Seconds >= _settings.Stop.Seconds };
            if (State.Finished || State.Step % _settings.SaveEvery == 0 && _skippedInARow == 0 || interrupt.IsCancellationRequested) // while steps fail the last good checkpoint stays
                Save();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics?.Dispose(); // null where the constructor failed
        _average?.Dispose();
        _optimizer?.Dispose();
        _reference?.Dispose();
        _policy.Dispose();
        _directory?.Dispose();
    }

    private static string ReferenceOf(TrainingSettings settings) => CheckpointStore.ModelOf(settings.Reference ?? settings.Model);

    private static SuiteRunner? ValidationOf(TrainingSettings settings) =>
        settings.Validation is { } validation ? new(validation.Suite, CorruptionMatrix.Of(validation.Suite, Catalogue.Default), keepBytes: 64 << 20) : null;

    /// <summary>Collects the next step. What was learnt up to a sample that cannot be read is kept.</summary>
    private CollectedStep Collect(StageTimers timers, IProgressSink progress)
    {
        try
        {
            return _collector.Collect(State.Step, State.Drawn, timers, progress);
        }
        catch (RomaException) when (State.Step > _saved)
        {
            Save();
            throw;
        }
    }

    private void Save()
    {
        Checkpoints.Save(_policy, _optimizer, State, _average);
        _saved = State.Step;
    }

    /// <summary>What is looked at while a run goes on, the most wanted first: a narrow console shows the beginning.</summary>
    private string Status(CollectedStep step, Dictionary<string, double> metrics, StageTimers timers, double seconds)
    {
        string terms = string.Concat(new[] { ("kl", "kl"), ("gate_rate", "gate"), ("clip_fraction", "clip") }
            .Where(term => metrics.ContainsKey(term.Item1) && (term.Item1 != "gate_rate" || _settings.Method.Objective.LambdaKl != 0)).Select(term => FormattableString.Invariant($", {term.Item2} {metrics[term.Item1]:0.000}")))
            + Rate("truncated_rate", "cut off") + Rate("unscorable_rate", "unscorable") + (metrics.GetValueOrDefault("sampler_deviation") is > MostSamplerDeviation and var off ? FormattableString.Invariant($", sampler off by {100 * off:0} %") : "");
        string stages = string.Join(' ', timers.Seconds.Where(stage => stage.Value >= 0.005 * seconds).Select(stage => FormattableString.Invariant($"{stage.Key} {100 * stage.Value / seconds:0}")));
        return FormattableString.Invariant($"reward {metrics["reward"]:0.000}, loss {metrics["total"]:0.000}, grad {metrics["grad_norm"]:0.00}{_lastValidation}{terms}, {metrics["response_tokens"] * step.Rollouts.Owners.Length / seconds:0.#} tokens/s, {Environment.WorkingSet / 1048576.0:0} MB, {stages} %");

        string Rate(string name, string what) => metrics.GetValueOrDefault(name) is > 0.5 and var rate ? FormattableString.Invariant($", {100 * rate:0} % {what}") : "";
    }

    /// <summary>Refuses to go on with another configuration than the checkpoint's; what may change may open a finished run again.</summary>
    private TrainingState Checked(TrainingState state, string checkpoint)
    {
        if (state.Configuration is { } configuration && configuration != _directory.ConfigurationHash)
            throw new RomaException($"{checkpoint} was written with another configuration than {_directory.PathOf("config.json")} holds.", "Restore the configuration, or train in another folder.");
        return state with { Finished = state.Finished && !_directory.IsChanged || state.Step >= _settings.Steps };
    }

    private void Record(CollectedStep step, Dictionary<string, double> metrics, StageTimers timers, double seconds)
    {
        foreach ((string name, double value) in StepRollouts.Metrics(step.Sampled))
            metrics[name] = value;
        if (State.Skipped > 0)
            metrics["skipped"] = State.Skipped;
        if (_settings.Refills > 0)
            metrics["draws"] = step.Sampled.Count;
        if (Plan.Pool.Skipped > 0)
            metrics["over_long"] = Plan.Pool.Skipped;
        KeyValuePair<string, double>[] machine = [.. timers.Seconds, new("step_seconds", seconds), new("seconds", State.Seconds), new("memory_mb", Environment.WorkingSet / 1048576.0), new("tensors", Tensor.TotalCount)];
        Write(new(State.Step, [.. metrics], machine));
        if (_settings.SamplesEvery > 0 && State.Step % _settings.SamplesEvery == 0)
            RolloutSamples.Write(_directory.PathOf("samples"), step);
    }

    private void Write(MetricsLine line)
    {
        _metrics.Write(line);
        _events.Write(line);
    }

    /// <summary>Learns from the step, mini-batch by mini-batch. What is measured is the mean over its updates; the ratio's deviation is the first one's.</summary>
    private Dictionary<string, double> Learn(CollectedStep step, StageTimers timers, IProgressSink progress)
    {
        using IProgressTask task = progress.Start("learning from", (long)step.Batch.Questions.Count * _settings.Iterations, "prompts");
        Experience all = _settings.Lora is { Dropout: > 0 } ? step.Experience with { Prompts = step.Prompts.WithDropout(_settings.Seed, step.Batch.Step), Sampled = null } : step.Experience;
        var gradient = new StepGradient(_policy.Model, _optimizer, _settings.Method.Objective, _settings.Temperature, _settings.Seed, _settings.Recompute, _reference);
        int parts = Math.Min(_settings.Updates, all.Questions.Count);
        Experience[] batches = [.. Enumerable.Range(0, parts).Select(part => all.Take([.. Enumerable.Range(0, all.Questions.Count).Where(p => p % parts == part)]))]; // the first prompts are those with views
        for (int i = _settings.Iterations > 1 ? 0 : 1; i < parts && _settings.Method.Objective.Policy.Loss.NeedsAdvantage; i++) // other losses have no ratio
            batches[i] = batches[i] with { Old_NT = timers.Time("old", () => gradient.LogProbs(batches[i], MicroBatches.Of(batches[i], _settings))) };
        Dictionary<string, double> first = Update(gradient, batches[0], timers, task);
        if (_settings.Iterations * parts == 1)
            return first;
        var measured = new List<(Dictionary<string, double> Metrics, int Prompts)> { (first, batches[0].Questions.Count) };
        for (int update = 1; update < _settings.Iterations * parts; update++)
            measured.Add((Update(gradient, Moved(batches[update % parts]), timers, task), batches[update % parts].Questions.Count));
        return measured.SelectMany(update => update.Metrics.Keys).Distinct().ToDictionary(name => name, name => name is "ratio_deviation" or "sampler_deviation" ? first.GetValueOrDefault(name) : Mean(name));

        // Over the updates that have a finite value, by their numbers of prompts.
        double Mean(string name)
        {
            (double Value, int Prompts)[] finite = [.. measured.Where(update => double.IsFinite(update.Metrics.GetValueOrDefault(name, double.NaN))).Select(update => (update.Metrics[name], update.Prompts))];
            return finite.Length == 0 ? double.NaN : finite.Sum(update => update.Value * update.Prompts) / finite.Sum(update => update.Prompts);
        }

        // After an update what the sampler knew is old; so are encoded pictures where the vision tower learns.
        Experience Moved(Experience batch) => batch with { Sampled = null, Prompts = _policy.Model.Network.VisionLearns ? batch.Prompts with { Features = null } : batch.Prompts };
    }

    /// <summary>Back-propagates a mini-batch and updates.</summary>
    private Dictionary<string, double> Update(StepGradient gradient, Experience batch, StageTimers timers, IProgressTask task)
    {
        Dictionary<string, double> metrics = gradient.Add(batch, MicroBatches.Of(batch, _settings), State.Beta, timers, task);
        double norm = metrics["grad_norm"] = timers.Time("optimizer", () => _optimizer.ClipGradNorm(_settings.Optimizer.MaxGradNorm));
        double rate = metrics["lr"] = _settings.Optimizer.Lr * _settings.Optimizer.Schedule.At(batch.Step, _settings.Steps);
        if (double.IsFinite(norm) && double.IsFinite(metrics["total"]))
        {
            if (norm > 0)
                _skippedInARow = 0;
            timers.Time("optimizer", () => _optimizer.Step(rate));
            _optimizer.ZeroGrad();
            PolicySettings policy = _settings.Method.Objective.Policy;
            if (metrics.TryGetValue("reference_kl_nats", out double kl))
                State = State with { Beta = policy.Controller.Next(metrics["beta"] = State.Beta, kl, batch.Owners.Length) };
            return metrics;
        }
        _optimizer.ZeroGrad();
        Skip(batch, norm);
        return metrics;
    }

    /// <summary>Counts an update that was left out and notes its questions; too many in a row end the run.</summary>
    private void Skip(Experience batch, double norm)
    {
        State = State with { Skipped = State.Skipped + 1 };
        _skipped.Add(batch.Step + 1, norm, batch.Questions.Select(question => question.Sample.Id));
        if (++_skippedInARow >= MostSkipsInARow)
            throw Broken($"Loss or gradient was not finite in {MostSkipsInARow} updates in a row, the last of them in step {batch.Step + 1}; the questions are in {_skipped.Path}.");
    }

    private RomaException Broken(string what) => new(what, $"Start another run from a checkpoint before it with a lower rate: model={Checkpoints.Latest ?? _settings.Model} optimizer.lr={_settings.Optimizer.Lr / 10:R} --out NEW.");

    /// <summary>Asks the validation questions when it is time; true where the stop rule is satisfied.</summary>
    private bool Validate(IProgressSink progress)
    {
        if (_validation is null || State.Step % _settings.Validation!.Every != 0)
            return false;
        string log = _directory.PathOf(Path.Combine("validation", $"step-{State.Step:000000}.jsonl"));
        if (File.Exists(log))
            File.Delete(log); // of a run that was killed after its last checkpoint
        using var endpoint = new LocalEndpoint(_policy.Model, $"step {State.Step}", _settings.MaxTokens, _settings.Validation.BatchSize);
        RunSummary summary = RunSummary.Of(_validation.Run(endpoint, log, progress: progress));
        double accuracy = summary.Clean.Accuracy.Value, worst = summary.Categories.Select(category => category.Clean.Accuracy.Value).DefaultIfEmpty(accuracy).Min();
        KeyValuePair<string, double>[] values = [new("validation_clean", accuracy), new("validation_worst_category", worst),
            .. summary.Groups.Select(group => KeyValuePair.Create("validation_" + group.Name, group.Score.Accuracy.Value))];
        Write(new(State.Step, values, []));
        _lastValidation = string.Concat(values.Where(pair => pair.Key != "validation_worst_category").Select(pair => FormattableString.Invariant($", {pair.Key["validation_".Length..]} {100 * pair.Value:0.0} %")));
        double score = summary.Groups.Select(group => group.Score.Accuracy.Value).Append(accuracy).Average();
        if (_settings.Validation.KeepBest && !(score <= State.Best))
        {
            State = State with { Best = score };
            Checkpoints.SaveBest(_policy, State);
        }
        return accuracy >= _settings.Stop.Accuracy && worst >= _settings.Stop.Category;
    }
}
