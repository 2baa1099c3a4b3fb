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
    private readonly TrainingSettings _settings;
    private readonly RunDirectory _directory;
    private readonly Policy _policy;
    private readonly VisionLanguageModel? _reference;
    private readonly Learner _learner;
    private readonly AdamW _optimizer;
    private readonly WeightAverage? _average;
    private readonly RunLogs _logs;
    private readonly StepCollector _collector;
    private readonly Validator? _validator;
    private StatusLine _status = new("", "");
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
        _directory = new(directory, settings, settings.Seed, resume: true, TrainingSettings.Free);
        try
        {
            string? latest = Checkpoints.Latest;
            Plan = PlanOf(settings, latest, acceptData);
            if ((device ?? CPU).type == DeviceType.CPU)
                Plan.RefuseIfMoreThan(Machine.TotalMemory);
            TrainingState? stored = latest is null ? null : CheckpointStore.ReadState(latest);
            State = stored is null ? new(0, 0, 0, false, 0, null, settings.Method.Objective.Policy.Beta, Validated: 0) : Checked(stored, latest!);
            _policy = Policy.Load(settings, latest, device);
            _optimizer = new(_policy.Trained, settings.Optimizer);
            _average = settings.Ema is { } decay ? new(_policy.Trained.Select(entry => (entry.Name, (Tensor)entry.Parameter)), decay) : null;
            if (latest is not null)
                CheckpointStore.Load(latest, _optimizer, _average);
            _saved = State.Step;
            if (settings.Method.Objective.Policy.Beta > 0)
            {
                State = State with { Reference = State.Reference ?? Path.GetFullPath(ReferenceOf(settings)) };
                _reference = VisionLanguageModel.Load(State.Reference, device, _policy.Model.Network.WeightType);
                _reference.Network.ComputeType = _policy.Model.Network.ComputeType; // the KL of a policy to itself is 0
            }
            Needed = NeededModels.Of(settings, _policy.Model.Directory, State.Reference);
            State = State with { Data = Plan.Pool.Hash, Configuration = _directory.ConfigurationHash, Needed = Needed.Hash };
            if (stored?.Needed is { } needed && needed != State.Needed)
                throw new RomaException($"The models in {string.Join(" or ", Needed.Folders)} are not those that the run in {directory} was trained with.", "Restore them, or train in another folder.");
            if (stored is not null && stored with { Configuration = State.Configuration, Finished = stored.Steps is null ? State.Finished : stored.Finished } is var known && known != stored)
                Checkpoints.SaveState(known); // of an earlier version; before its configuration is: either fits the next start
            _directory.Begin(); // a faulty recipe leaves no folder, and an old run as it was
            _learner = new(settings, _policy, _optimizer, _reference) { Beta = State.Beta, OnSkipped = Skip };
            _collector = new(_policy.Model, settings, new StepSource(settings, Catalogue.Default, Plan.Pool));
            _logs = new(_directory, State);
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

    /// <summary>The model folders that the run does not write and needs to go on: the one below its adapter and the reference policy's.</summary>
    public NeededModels Needed { get; }

    /// <summary>Checks a run as far as settings, data, headers and its folder tell, and derives its sizes. No weight is read and nothing is written.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="directory">Its folder, which may hold what it goes on with; null: a new one.</param>
    /// <param name="acceptData">Whether it goes on with data that changed since its last checkpoint.</param>
    /// <param name="decode">Also decodes every stored picture, where their headers are read otherwise.</param>
    /// <exception cref="RomaException">Model, configuration, data or folder are faulty.</exception>
    public static RunPlan Check(TrainingSettings settings, string? directory = null, bool acceptData = false, bool decode = false)
    {
        _ = Validator.Of(settings);
        if (directory is null)
            return PlanOf(settings, null, acceptData, decode);
        if (RunDirectory.IsOpen(directory))
            throw RunDirectory.Occupied(directory);
        _ = RunDirectory.Changed(directory, settings, TrainingSettings.Free);
        return PlanOf(settings, StoreOf(directory, settings).Latest, acceptData, decode);
    }

    /// <summary>Trains until the last step, a stop rule, or an interruption, after which the step in progress is finished and saved.</summary>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="interrupt">Asks to end after the current step.</param>
    public void Run(IProgressSink? progress = null, CancellationToken interrupt = default)
    {
        if (State.Finished)
            return;
        progress ??= NoProgress.Instance;
        using IProgressTask task = progress.Start(NamedTypes.NameOf(_settings.Method.GetType()) ?? "train", _settings.Steps, "steps", State.Step);
        while (!State.Finished && !interrupt.IsCancellationRequested)
        {
            if (!IsValidationDue) // else the run was interrupted in it
                Step(task, progress);
            bool enough = IsValidationDue && Validate(progress, interrupt);
            task.Status($"{_status}");
            bool ends = !IsValidationDue && (enough || State.Step >= _settings.Steps || State.Step >= _settings.Stop.MinSteps && State.Seconds >= _settings.Stop.Seconds);
            State = State with { Finished = ends, Steps = ends ? _settings.Steps : null, Stop = ends ? _settings.Stop : null };
            if (State.Finished || State.Step % _settings.SaveEvery == 0 && _learner.SkippedInARow == 0 || interrupt.IsCancellationRequested) // while steps fail the last good checkpoint stays
                Save();
        }
        if (State.Finished && _learner.SkippedInARow == 0)
            Checkpoints.Trust();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _logs?.Dispose(); // null where the constructor failed
        _average?.Dispose();
        _optimizer?.Dispose();
        _reference?.Dispose();
        _policy?.Dispose();
        _directory?.Dispose();
    }

    private static RunPlan PlanOf(TrainingSettings settings, string? latest, bool acceptData, bool decode = false)
    {
        TrainingState? state = latest is null ? null : CheckpointStore.ReadState(latest);
        _ = Catalogue.Default.Suite(settings.Views.Suite);
        if (state?.Reference is { } kept && !Directory.Exists(kept))
            throw new RomaException($"The reference policy of this run is gone: {kept}", "Restore that folder: a run keeps the reference that it began with. Or start a new run, with a copy as reference where another run deletes its checkpoints.");
        if (settings.Method.Objective.Policy.Beta > 0)
            VisionLanguageModel.Load(state?.Reference ?? ReferenceOf(settings), outline: true).Dispose();
        RunPlan plan = RunPlan.Of(settings, latest, decode);
        if (!acceptData && state?.Data is { } data && data != plan.Pool.Hash)
            throw new RomaException($"The data changed since {latest} was written: {settings.Data.Name} had the SHA-256 {data}, now {plan.Pool.Hash}.", "Restore the data, train in another folder, or go on with what is there now: --accept-data.");
        return plan;
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
        if (_learner.SkippedInARow == 0)
            Checkpoints.Trust();
        State = State with { Step = State.Step + 1, Drawn = State.Drawn + step.Sampled.Count, Beta = _learner.Beta };
        timers.Time("optimizer", () => _average?.Update(State.Step));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        State = State with { Seconds = State.Seconds + seconds };
        Record(step, metrics, timers, seconds);
        _status = StatusLine.Of(step, metrics, timers, seconds, _settings.Method) with { Validation = _status.Validation };
        task.Status($"{_status}");
        task.Advance();
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
        RefuseNonFinite();
        if (_saved == State.Step)
            Checkpoints.SaveState(State); // a validation was made up for
        else
            Checkpoints.Save(_policy, _optimizer, State, _average);
        _saved = State.Step;
    }

    private void RefuseNonFinite()
    {
        if (!_policy.IsFinite)
            throw Broken($"The weights are not finite any more after step {State.Step}.");
    }

    /// <summary>Refuses to go on with another configuration than the checkpoint's; a run that has ended goes on where it would not end so by now.</summary>
    private TrainingState Checked(TrainingState state, string checkpoint)
    {
        if (state.Configuration is { } configuration && !_directory.IsOf(configuration))
            throw new RomaException($"{checkpoint} was written with another configuration than {_directory.PathOf("config.json")} holds.", "Restore the configuration, or train in another folder.");
        if (state.Step > _settings.Steps)
            throw new RomaException($"The run in {_directory.Path} has done {state.Step} steps already; steps is {_settings.Steps}.", $"Set steps to {state.Step} or more, or train in another folder.");
        bool same = state.Steps is null ? !_directory.IsChanged : (state.Steps, state.Stop) == (_settings.Steps, _settings.Stop);
        bool finished = _validator?.IsDue(state) != true && (state.Step == _settings.Steps || state.Finished && same);
        return state with { Validated = state.Validated ?? state.Step, Finished = finished, Steps = finished ? _settings.Steps : null, Stop = finished ? _settings.Stop : null };
    }

    private void Record(CollectedStep step, Dictionary<string, double> metrics, StageTimers timers, double seconds)
    {
        bool samples = _settings.Method.Sampling is not null;
        foreach ((string name, double value) in StepRollouts.Metrics(step.Sampled).Where(pair => samples || pair.Key == "response_tokens")) // the data's own responses get no reward
            metrics[name] = value;
        if (!samples)
            metrics.Remove("gate_rate");
        if (State.Skipped > 0)
            metrics["skipped"] = State.Skipped;
        if (_settings.Refills > 0)
            metrics["draws"] = step.Sampled.Count;
        if (Plan.Pool.Skipped > 0)
            metrics["over_long"] = Plan.Pool.Skipped;
        KeyValuePair<string, double>[] machine = [.. timers.Seconds, new("step_seconds", seconds), new("seconds", State.Seconds), new("memory_mb", Environment.WorkingSet / 1048576.0), new("tensors", Tensor.TotalCount)];
        _logs.Write(new(State.Step, [.. metrics], machine));
        if (_settings.SamplesEvery > 0 && State.Step % _settings.SamplesEvery == 0)
            RolloutSamples.Write(_directory.PathOf("samples"), step);
    }

    /// <summary>Counts an update that was left out and notes its questions; too many in a row end the run.</summary>
    private void Skip(Experience batch, double norm)
    {
        State = State with { Skipped = State.Skipped + 1 };
        _logs.Skipped.Add(batch.Step + 1, norm, batch.Questions.Select(question => question.Sample.Id));
        if (_learner.SkippedInARow >= MostSkipsInARow)
            throw Broken($"Loss or gradient was not finite in {MostSkipsInARow} updates in a row, the last of them in step {batch.Step + 1}; the questions are in {_logs.Skipped.Path}.");
    }

    /// <summary>Ends the run with the way back to the last checkpoint after which a step went well.</summary>
    private RomaException Broken(string what)
    {
        string? good = Checkpoints.Trusted;
        bool merges = good is not null && _settings.Lora is not null;
        return new(what, $"{(merges ? $"Merge a checkpoint before it: roma model convert {good} --out MERGED. Then start another run from that" : "Start another run from a checkpoint before it")} with a lower rate: "
            + FormattableString.Invariant($"model={(merges ? "MERGED" : good ?? _settings.Model)} optimizer.lr={_settings.Optimizer.Lr / 10:G4} --out NEW."));
    }

    /// <summary>Asks the validation questions; true where the stop rule is satisfied. Interrupted, the run begins with them when it goes on.</summary>
    private bool Validate(IProgressSink progress, CancellationToken interrupt)
    {
        RefuseNonFinite();
        Validator.Result result;
        try
        {
            result = _validator!.Run(_policy.Model, State.Step, _directory.PathOf(Path.Combine("validation", $"step-{State.Step:000000}.jsonl")), progress, interrupt);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return false;
        }
        _logs.Write(new(State.Step, result.Values, []));
        _status = _status with { Validation = $"{result}" };
        State = State with { Validated = State.Step };
        if (result.Score is { } score && !(score <= State.Best))
        {
            State = State with { Best = score };
            Checkpoints.SaveBest(_policy, State);
        }
        return result.IsEnough;
    }
}
