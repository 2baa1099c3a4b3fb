using System.Diagnostics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Models;
using Roma.Training.Data;
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
    private readonly Learner _learner;
    private readonly AdamW _optimizer;
    private readonly WeightAverage? _average;
    private readonly MetricsLog _metrics;
    private readonly EventLog _events;
    private readonly SkippedLog _skipped;
    private readonly StepCollector _collector;
    private readonly Validator? _validator;
    private string _lastValidation = "";
    private int _saved;

    /// <summary>Prepares a run, or goes on with the one that stands in the folder from its last checkpoint.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="directory">The run's folder.</param>
    /// <param name="device">Where to compute; null: the CPU.</param>
    /// <param name="acceptData">Whether a run goes on with data that changed since its last checkpoint, for example with a picture that was mended.</param>
    /// <exception cref="RomaException">Model, configuration or folder are faulty.</exception>
    public Trainer(TrainingSettings settings, string directory, Device? device = null, bool acceptData = false)
    {
        _settings = settings;
        _validator = Validator.Of(settings);
        Checkpoints = StoreOf(directory, settings);
        string? latest = Checkpoints.Latest;
        Plan = Check(settings, directory, acceptData); // before the folder is made: a fault leaves nothing that the next try would be told to resume
        if ((device ?? CPU).type == DeviceType.CPU)
            Plan.RefuseIfMoreThan(Machine.TotalMemory);
        _policy = Policy.Load(settings, latest, device);
        try
        {
            _directory = new(directory, settings, settings.Seed, resume: true, TrainingSettings.Free);
            _optimizer = new(_policy.Trained, settings.Optimizer);
            _average = settings.Ema is { } decay ? new(_policy.Trained.Select(entry => (entry.Name, (Tensor)entry.Parameter)), decay) : null;
            State = latest is null ? new(0, 0, 0, false, 0, null, settings.Method.Objective.Policy.Beta, Validated: 0) : Checked(CheckpointStore.Load(latest, _optimizer, _average), latest);
            _saved = State.Step;
            if (settings.Method.Objective.Policy.Beta > 0)
            {
                State = State with { Reference = State.Reference ?? Path.GetFullPath(ReferenceOf(settings)) };
                _reference = VisionLanguageModel.Load(State.Reference, device, _policy.Model.Network.WeightType);
                _reference.Network.ComputeType = _policy.Model.Network.ComputeType; // the KL of a policy to itself is 0
            }
            State = State with { Data = Plan.Pool.Hash, Configuration = _directory.ConfigurationHash };
            _learner = new(settings, _policy, _optimizer, _reference) { Beta = State.Beta, OnSkipped = Skip };
            _collector = new(_policy.Model, settings, new StepSource(settings, Catalogue.Default, Plan.Pool));
            _metrics = new(_directory.PathOf("metrics.jsonl"), line => line.Step <= (Validator.Wrote(line) ? State.Validated : State.Step));
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

    /// <summary>Checks a run as far as settings, data, headers and its folder tell, and derives its sizes. No weight is read and nothing is written.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="directory">Its folder, which may hold what it goes on with; null: a new one.</param>
    /// <param name="acceptData">Whether it goes on with data that changed since its last checkpoint.</param>
    /// <param name="decode">Also decodes every stored picture, where their headers are read otherwise.</param>
    /// <exception cref="RomaException">Model, configuration, data or folder are faulty.</exception>
    public static RunPlan Check(TrainingSettings settings, string? directory = null, bool acceptData = false, bool decode = false)
    {
        _ = Catalogue.Default.Suite(settings.Views.Suite);
        _ = Validator.Of(settings);
        if (settings.Method.Objective.Policy.Beta > 0)
            VisionLanguageModel.Load(ReferenceOf(settings), outline: true).Dispose();
        if (directory is null)
            return RunPlan.Of(settings, decode: decode);
        _ = RunDirectory.Changed(directory, settings, TrainingSettings.Free);
        string? latest = StoreOf(directory, settings).Latest;
        RunPlan plan = RunPlan.Of(settings, latest, decode);
        if (!acceptData && latest is not null && CheckpointStore.ReadState(latest).Data is { } data && data != plan.Pool.Hash)
            throw new RomaException($"The data changed since {latest} was written: {settings.Data.Name} had the SHA-256 {data}, now {plan.Pool.Hash}.", "Restore the data, train in another folder, or go on with what is there now: --accept-data.");
        return plan;
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
            if (!IsValidationDue) // else the run was interrupted in it
                Step(task, progress);
            bool enough = IsValidationDue && Validate(progress, interrupt);
            State = State with { Finished = !IsValidationDue && (enough || State.Step >= _settings.Steps || State.Step >= _settings.Stop.MinSteps && State.Seconds >= _settings.Stop.Seconds) };
            if (State.Finished || State.Step % _settings.SaveEvery == 0 && _learner.SkippedInARow == 0 || interrupt.IsCancellationRequested) // while steps fail the last good checkpoint stays
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

    private static CheckpointStore StoreOf(string directory, TrainingSettings settings) => new(Path.Combine(directory, "checkpoints"), settings.KeepLast);

    private static string ReferenceOf(TrainingSettings settings) => CheckpointStore.ModelOf(settings.Reference ?? settings.Model);

    private bool IsValidationDue => _validator?.IsDue(State) == true;

    private void Step(IProgressTask task, IProgressSink progress)
    {
        using DisposeScope scope = NewDisposeScope();
        var timers = new StageTimers();
        long start = Stopwatch.GetTimestamp();
        CollectedStep step = Collect(timers, progress);
        if (step.Sampled.Any(rollouts => rollouts.LogProbs?.Any(response => response.Any(value => !float.IsFinite(value))) == true))
            throw Broken($"The model's outputs are not finite any more at step {State.Step + 1}.");
        Dictionary<string, double> metrics = _learner.Learn(step, timers, progress);
        State = State with { Step = State.Step + 1, Drawn = State.Drawn + step.Sampled.Count, Beta = _learner.Beta };
        timers.Time("optimizer", () => _average?.Update(State.Step));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        State = State with { Seconds = State.Seconds + seconds };
        Record(step, metrics, timers, seconds);
        task.Advance();
        task.Status(Status(step, metrics, timers, seconds));
    }

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
        if (_saved == State.Step)
            Checkpoints.SaveState(State); // a validation was made up for
        else
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
        state = state with { Validated = state.Validated ?? state.Step };
        return state with { Finished = _validator?.IsDue(state) != true && (state.Finished && !_directory.IsChanged || state.Step >= _settings.Steps) };
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

    /// <summary>Counts an update that was left out and notes its questions; too many in a row end the run.</summary>
    private void Skip(Experience batch, double norm)
    {
        State = State with { Skipped = State.Skipped + 1 };
        _skipped.Add(batch.Step + 1, norm, batch.Questions.Select(question => question.Sample.Id));
        if (_learner.SkippedInARow >= MostSkipsInARow)
            throw Broken($"Loss or gradient was not finite in {MostSkipsInARow} updates in a row, the last of them in step {batch.Step + 1}; the questions are in {_skipped.Path}.");
    }

    private RomaException Broken(string what) => new(what, $"Start another run from a checkpoint before it with a lower rate: model={Checkpoints.Latest ?? _settings.Model} optimizer.lr={_settings.Optimizer.Lr / 10:R} --out NEW.");

    /// <summary>Asks the validation questions; true where the stop rule is satisfied. Interrupted, the run begins with them when it goes on.</summary>
    private bool Validate(IProgressSink progress, CancellationToken interrupt)
    {
        Validator.Result result;
        try
        {
            result = _validator!.Run(_policy.Model, State.Step, _directory.PathOf(Path.Combine("validation", $"step-{State.Step:000000}.jsonl")), progress, interrupt);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return false;
        }
        Write(new(State.Step, result.Values, []));
        _lastValidation = $"{result}";
        State = State with { Validated = State.Step };
        if (result.Score is { } score && !(score <= State.Best))
        {
            State = State with { Best = score };
            Checkpoints.SaveBest(_policy, State);
        }
        return result.IsEnough;
    }
}
