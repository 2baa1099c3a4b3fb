using System.Diagnostics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Roma.Models;
using Roma.Models.Processing;
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
    private readonly TrainingSettings _settings;
    private readonly RunDirectory _directory;
    private readonly VisionLanguageModel _model;
    private readonly AdamW _optimizer;
    private readonly MetricsLog _metrics;
    private readonly StepSource _source;
    private readonly RolloutSampler _sampler;
    private readonly Dictionary<string, TokenPrompt> _prompts = [];
    private readonly SuiteRunner? _validation;
    private int _skippedInARow;

    /// <summary>Prepares a run, or goes on with the one that stands in the folder from its last checkpoint.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="directory">The run's folder.</param>
    /// <param name="device">Where to compute; null: the CPU.</param>
    /// <exception cref="RomaException">Model, configuration or folder are faulty.</exception>
    public Trainer(TrainingSettings settings, string directory, Device? device = null)
    {
        _settings = settings;
        Refuse(settings.Method);
        var catalogue = Catalogue.Default;
        _source = new(settings, catalogue);
        _validation = settings.Validation is { } validation ? new(validation.Suite, CorruptionMatrix.Of(validation.Suite, catalogue), keepBytes: 64 << 20) : null;
        Checkpoints = new(Path.Combine(directory, "checkpoints"), settings.KeepLast);
        string? latest = Checkpoints.Latest;
        _model = VisionLanguageModel.Load(latest ?? CheckpointStore.ModelOf(settings.Model), device, trainable: true); // before the folder is made: a fault leaves nothing that the next try would be told to resume
        try
        {
            _directory = new(directory, settings, settings.Seed, resume: true);
            _optimizer = new(_model.Network.named_parameters().Select(p => (p.name, p.parameter)), settings.Optimizer);
            State = latest is null ? new(0, 0, 0, false) : CheckpointStore.Load(latest, _optimizer);
            _sampler = new(_model, settings);
            _metrics = new(_directory.PathOf("metrics.jsonl"), State.Step);
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

    /// <summary>Trains until the last step, a stop rule, or an interruption, after which the step in progress is finished and saved.</summary>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="interrupt">Asks to end after the current step.</param>
    public void Run(IProgressSink? progress = null, CancellationToken interrupt = default)
    {
        if (State.Finished)
            return;
        using IProgressTask task = (progress ?? NoProgress.Instance).Start(NamedTypes.NameOf(_settings.Method.GetType()) ?? "train", _settings.Steps - State.Step, "steps");
        while (!State.Finished && !interrupt.IsCancellationRequested)
        {
            using DisposeScope scope = NewDisposeScope();
            var timers = new StageTimers();
            long start = Stopwatch.GetTimestamp();
            int step = State.Step;
            StepBatch batch = timers.Time("data", () => _source.Get(step));
            PromptBatch prompts = timers.Time("encode", () => Encode(batch));
            StepRollouts rollouts = timers.Time("rollout", () => Respond(batch, prompts));
            Dictionary<string, double> metrics = Update(batch, prompts, rollouts, timers);
            State = State with { Step = step + 1, Seconds = State.Seconds + Stopwatch.GetElapsedTime(start).TotalSeconds };
            metrics["reward"] = rollouts.Trajectories.Reward.Average();
            metrics["response_tokens"] = rollouts.Tokens.Average(response => response.Length);
            _metrics.Write(State.Step, metrics, [.. timers.Seconds, new("seconds", State.Seconds), new("memory_mb", Environment.WorkingSet / 1048576.0), new("tensors", Tensor.TotalCount)]);
            task.Advance();
            task.Status(FormattableString.Invariant($"reward {metrics["reward"]:0.000}, loss {metrics["total"]:0.000}, grad {metrics["grad_norm"]:0.00}"));
            bool enough = Validate();
            State = State with { Finished = enough || State.Step >= _settings.Steps || State.Step >= _settings.Stop.MinSteps && State.Seconds >= _settings.Stop.Seconds };
            if (State.Finished || State.Step % _settings.SaveEvery == 0 || interrupt.IsCancellationRequested)
                Checkpoints.Save(_model, _optimizer, State);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics?.Dispose(); // null where the constructor failed
        _optimizer?.Dispose();
        _model.Dispose();
        _directory?.Dispose();
    }

    private PromptBatch Encode(StepBatch batch)
    {
        bool corrupted = _settings.Method.LossOn == LossView.Corrupted;
        var prompts = PromptBatch.Of(_model, [.. batch.Questions.Select(Prompt)],
            [.. batch.Questions.Select(question => corrupted && question.Views.Count > 0 ? question.Pictures[0] : question.Sample.Images)]);
        return _settings.MicroPrompts < batch.Questions.Count ? prompts : prompts with { Features = prompts.Encode(_model.Network) }; // one graph for rollout and scoring
    }

    private TokenPrompt Prompt(StepQuestion question)
    {
        Grid[] grids = [.. question.Sample.Images.Select(image => _model.Processor.Images.GridOf(image.Width, image.Height))];
        string text = _settings.Prompt.Replace("{question}", question.Sample.Question, StringComparison.Ordinal), key = string.Join(';', grids) + text;
        if (_prompts.TryGetValue(key, out TokenPrompt? known))
            return known;
        if (_prompts.Count > 10_000)
            _prompts.Clear();
        TokenPrompt prompt = _model.Prompt(text, grids);
        prompt.RefuseIfLonger(_model.Config, _settings.Method.Sampling is null ? 1 : _settings.MaxTokens, $"of sample '{question.Sample.Id}'");
        return _prompts[key] = prompt;
    }

    private StepRollouts Respond(StepBatch batch, PromptBatch prompts) => _settings.Method.Sampling is null
        ? _sampler.Imitate([.. batch.Questions.Select(question => question.Response)])
        : _sampler.Sample(batch.Step, prompts.Prompts, Features(prompts), [.. batch.Questions.Select(question => question.Sample.Answer)], CancellationToken.None);

    private VisionFeatures? Features(PromptBatch prompts)
    {
        using IDisposable _ = no_grad();
        return prompts.Encode(_model.Network);
    }

    /// <summary>Back-propagates the step in micro-batches, whose shares of the loss add up under the denominators of the whole step, and updates.</summary>
    private Dictionary<string, double> Update(StepBatch batch, PromptBatch prompts, StepRollouts rollouts, StageTimers timers)
    {
        var objective = new Objective(_settings.Method.Objective);
        var forward = new DualForward(_model, _settings.Method.Objective, _settings.Temperature, _settings.Seed);
        StepDenominators denominators = objective.DenominatorsOf(rollouts.Trajectories);
        var metrics = new Dictionary<string, double> { ["total"] = 0, ["ratio_deviation"] = 0 };
        _optimizer.ZeroGrad();
        int size = _settings.MicroPrompts ?? batch.Questions.Count;
        for (int start = 0; start < batch.Questions.Count; start += size)
        {
            int count = Math.Min(size, batch.Questions.Count - start);
            using DisposeScope scope = NewDisposeScope();
            StepQuestion[] questions = [.. batch.Questions.Skip(start).Take(count)];
            int[] rows = [.. Enumerable.Range(0, rollouts.Owners.Length).Where(i => rollouts.Owners[i] >= start && rollouts.Owners[i] < start + count)];
            ObjectiveInput input = timers.Time("forward", () => forward.Score(batch.Step, prompts.Slice(start, count), questions, [.. rows.Select(i => rollouts.Tokens[i])],
                [.. rows.Select(i => rollouts.Owners[i] - start)], rollouts.Trajectories.Rows(rows)));
            ObjectiveResult result = objective.Compute(input, denominators);
            timers.Time("backward", () => result.Loss.backward());
            foreach ((string term, double value) in result.Terms)
                metrics[term] = metrics.GetValueOrDefault(term) + value;
            metrics["ratio_deviation"] = Math.Max(metrics["ratio_deviation"], result.MaxRatioDeviation);
        }
        double norm = metrics["grad_norm"] = timers.Time("optimizer", () => _optimizer.ClipGradNorm(_settings.Optimizer.MaxGradNorm));
        double rate = metrics["lr"] = _settings.Optimizer.Lr * _settings.Optimizer.Schedule.At(batch.Step, _settings.Steps);
        if (double.IsFinite(norm) && double.IsFinite(metrics["total"]))
        {
            _skippedInARow = 0;
            timers.Time("optimizer", () => _optimizer.Step(rate));
            return metrics;
        }
        State = State with { Skipped = State.Skipped + 1 };
        if (++_skippedInARow >= MostSkipsInARow)
            throw new RomaException($"Loss or gradient was not finite in {MostSkipsInARow} steps in a row, the last of them step {batch.Step + 1}.",
                $"Lower optimizer.lr; the last good checkpoint is {Checkpoints.Latest ?? "the start"}. The questions of this step: {string.Join(", ", batch.Questions.Select(q => q.Sample.Id))}.");
        return metrics;
    }

    /// <summary>Asks the validation questions when it is time; true where the stop rule is satisfied.</summary>
    private bool Validate()
    {
        if (_validation is null || State.Step % _settings.Validation!.Every != 0)
            return false;
        string log = _directory.PathOf(Path.Combine("validation", $"step-{State.Step:000000}.jsonl"));
        if (File.Exists(log))
            File.Delete(log); // of a run that was killed after its last checkpoint
        using var endpoint = new LocalEndpoint(_model, $"step {State.Step}", _settings.MaxTokens, _settings.Validation.BatchSize);
        RunSummary summary = RunSummary.Of(_validation.Run(endpoint, log));
        double accuracy = summary.Clean.Accuracy.Value, worst = summary.Categories.Select(category => category.Clean.Accuracy.Value).DefaultIfEmpty(accuracy).Min();
        _metrics.Write(State.Step, [new("validation_clean", accuracy), new("validation_worst_category", worst),
            .. summary.Groups.Select(group => KeyValuePair.Create("validation_" + group.Name, group.Score.Accuracy.Value))], []);
        return accuracy >= _settings.Stop.Accuracy && worst >= _settings.Stop.Category;
    }

    private static void Refuse(IMethod method)
    {
        ObjectiveSettings switches = method.Objective;
        if (method.Sampling == SamplingView.HalfNoised)
            throw new RomaException($"The trainer cannot sample on noised pictures yet, which {NamedTypes.NameOf(method.GetType())} needs.", "Use another method, for example grpo_augmented.");
        if (switches.Policy.Beta != 0 || switches.Policy.Entropy != 0 || switches.Estimator.NeedsDistributions)
            throw new RomaException("The trainer has no reference policy, entropy bonus or full-distribution divergence yet.", "Set beta and entropy to 0 and use the estimator k1, k2 or k3.");
    }
}
