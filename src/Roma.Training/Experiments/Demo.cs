using System.Globalization;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Experiments;
using Roma.Evaluation.Reports;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Roma.Models;
using Roma.Models.Qwen3Vl;
using Roma.Training.Runs;
using static TorchSharp.torch;

namespace Roma.Training.Experiments;

/// <summary>
/// The main job: warm start, then ROMA, then GRPO for as many steps and for as long, and filtered fine-tuning on corrupted views for as long, all scored on unused test questions. Each part leaves
/// its result in the folder; started again, the demo goes on where it stopped.
/// </summary>
/// <param name="plan">Its size.</param>
/// <param name="seeds">Independent repetitions, each with a warm start of its own, at least 1; more of them can be asked for later.</param>
/// <param name="output">Its folder.</param>
/// <param name="recipe">Finds a shipped recipe or benchmark by its relative path.</param>
/// <param name="say">Gets a line about each part.</param>
/// <param name="progress">Shows how far a part is.</param>
/// <param name="device">Where to compute; null: the CPU.</param>
public sealed class Demo(DemoPlan plan, int seeds, string output, Func<string, string> recipe, Action<string> say, IProgressSink progress, Device? device = null)
{
    private const string EqualSteps = "equal_steps", EqualTime = "equal_time", Start = "start";
    private const int BatchSize = 256, MaxTokens = 8;
    private const long KeepPictures = 600L << 20;
    private readonly EvaluationSuite _suite = StrictYaml.Load<EvaluationSuite>(recipe("eval-suites/digit-grid.yaml"),
        [$"samples={plan.Samples}", $"samples_per_cell={plan.SamplesPerCell}"]);

    /// <summary>Runs what is missing and writes <c>summary.json</c> and <c>report.html</c>.</summary>
    /// <param name="cancellation">Ends after the current step or batch; everything so far is kept.</param>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public DemoResult Run(CancellationToken cancellation)
    {
        using var directory = new RunDirectory(output, plan, 0, resume: true);
        directory.Begin();
        DateTime started = File.GetLastWriteTimeUtc(directory.PathOf("config.json"));
        var matrix = CorruptionMatrix.Of(_suite, Catalogue.Default);
        var runner = new SuiteRunner(_suite, matrix, KeepPictures); // one for all models: pictures are corrupted once
        var runs = new List<ExperimentRun>();
        var first = new OrderedDictionary<string, ResultLog>();
        for (int seed = 1; seed <= seeds; seed++)
        {
            var logs = new OrderedDictionary<string, ResultLog>();
            foreach (Part part in Train(seed, cancellation))
            {
                say($"seed {seed}: scoring {part.Name} on {plan.Questions:N0} test questions");
                logs[part.Name] = Evaluate(runner, part, seed, cancellation);
                RunSummary summary = RunSummary.Of(logs[part.Name], part.Name);
                runs.AddRange(part.Arms.Select(arm => ExperimentRun.Of(summary, part.Method, arm, seed, part.State.Step, part.State.Seconds)));
            }
            if (seed == 1)
                first = logs;
        }
        var experiment = new ExperimentSummary("digit-grid demo", started, new Dictionary<string, string>(Machine.Describe().Select(fact => KeyValuePair.Create(fact.Key, $"{fact.Value}"))), runs);
        experiment.Write(directory.PathOf("summary.json"));
        RunSummary[] summaries = [.. first.Select(log => RunSummary.Of(log.Value, log.Key))];
        Comparison[] comparisons =
        [
            Comparison.Of(first["GRPO, equal steps"], first["ROMA"], "GRPO, equal steps", "ROMA"),
            Comparison.Of(first["GRPO, equal time"], first["ROMA"], "GRPO, equal time", "ROMA"),
            Comparison.Of(first["filtered views"], first["ROMA"], "filtered views", "ROMA"),
        ];
        string report = directory.PathOf("report.html");
        HtmlReport.Write(report, new ReportModel("Reading digits when the picture is bad", Introduction(), summaries, comparisons,
            SampleGallery.Pick(_suite, matrix, [.. first.Where(log => log.Key is "GRPO, equal steps" or "ROMA").Select(log => (log.Key, log.Value))]), experiment,
            [("roma", "grpo"), ("filtered_views", "grpo")]));
        return new(experiment, summaries, comparisons, report);
    }

    /// <summary>A model to score.</summary>
    private sealed record Part(string Name, string Method, IReadOnlyList<string> Arms, string Checkpoint, TrainingState State);

    private IEnumerable<Part> Train(int seed, CancellationToken cancellation)
    {
        string warm = WarmStart(seed, cancellation);
        yield return new("warm start", "warm_start", [Start], warm, CheckpointStore.ReadState(warm));

        (CheckpointStore roma, TrainingState state) = Run(seed, "roma", warm, cancellation, $"steps={plan.Steps}", $"save_every={Math.Max(1, plan.Steps / 8)}");
        yield return new("ROMA", "roma", [EqualSteps, EqualTime], CheckpointStore.AverageOf(roma.Latest!), state);

        string seconds = state.Seconds.ToString("R", CultureInfo.InvariantCulture);
        (CheckpointStore grpo, state) = Run(seed, "grpo", warm, cancellation, $"steps={8 * plan.Steps}", $"stop.seconds={seconds}", $"stop.min_steps={plan.Steps}", $"save_every={plan.Steps}", "keep_last=9");
        yield return new("GRPO, equal steps", "grpo", [EqualSteps], CheckpointStore.AverageOf(grpo.PathOf(plan.Steps)), CheckpointStore.ReadState(grpo.PathOf(plan.Steps)));
        yield return new("GRPO, equal time", "grpo", [EqualTime], CheckpointStore.AverageOf(grpo.Latest!), state);

        (CheckpointStore filtered, state) = Run(seed, "filtered-views", warm, cancellation, $"steps={8 * plan.Steps}", $"stop.seconds={seconds}", $"save_every={Math.Max(1, plan.Steps / 8)}");
        yield return new("filtered views", "filtered_views", [EqualTime], CheckpointStore.AverageOf(filtered.Latest!), state);
    }

    /// <summary>A copy in the demo's own folder, wherever it came from: a later start of the same demo finds the same path.</summary>
    private string WarmStart(int seed, CancellationToken cancellation)
    {
        string start = Path.Combine(output, $"seed-{seed}", "start");
        if (Directory.Exists(start))
            return start;
        string nano = Path.Combine(output, $"seed-{seed}", "nano");
        TrainingSettings settings = Recipe("warm-start", [$"model={nano}", $"seed={seed}", FormattableString.Invariant($"stop.accuracy={plan.StartAccuracy}")]);
        string cached = WarmStartCache.PathOf(settings);
        if (Directory.Exists(cached))
        {
            say($"seed {seed}: warm start taken from {cached}");
            WarmStartCache.Copy(cached, start);
            return start;
        }
        if (!Directory.Exists(nano))
            NanoModel.Create(nano, seed);
        (CheckpointStore store, _) = Run(seed, "warm-start", settings, cancellation);
        WarmStartCache.Add(cached, store.Latest!);
        WarmStartCache.Copy(store.Latest!, start);
        return start;
    }

    private (CheckpointStore Store, TrainingState State) Run(int seed, string name, string model, CancellationToken cancellation, params string[] overrides) =>
        Run(seed, name, Recipe(name, [$"model={model}", $"seed={seed}", .. overrides]), cancellation);

    private (CheckpointStore Store, TrainingState State) Run(int seed, string name, TrainingSettings settings, CancellationToken cancellation)
    {
        using var trainer = new Trainer(settings, Path.Combine(output, $"seed-{seed}", name), device);
        if (!trainer.State.Finished)
            say($"seed {seed}: training {name}{(trainer.State.Step > 0 ? $", from step {trainer.State.Step}" : "")}");
        trainer.Run(progress, cancellation);
        if (!trainer.State.Finished)
            throw new OperationCanceledException(cancellation);
        return (trainer.Checkpoints, trainer.State);
    }

    private TrainingSettings Recipe(string name, string[] overrides) => StrictYaml.Load<TrainingSettings>(recipe($"recipes/digit-grid-{name}.yaml"), overrides);

    private ResultLog Evaluate(SuiteRunner runner, Part part, int seed, CancellationToken cancellation)
    {
        using var model = VisionLanguageModel.Load(part.Checkpoint, device);
        using var endpoint = new LocalEndpoint(model, part.Name, MaxTokens, BatchSize);
        return runner.Run(endpoint, Path.Combine(output, $"seed-{seed}", "results", part.Name.Replace(", ", "-").Replace(' ', '-') + ".jsonl"),
            new OrderedDictionary<string, string>([.. endpoint.Describe(part.Checkpoint), new("checkpoint", Path.GetRelativePath(output, part.Checkpoint)), new("training_seed", $"{seed}")]), progress, cancellation);
    }

    private string Introduction() => FormattableString.Invariant(
        $"A Qwen3-VL of 0.65 million parameters answers questions about four digits in a 64x64 picture. From one warm start it is trained with GRPO on clean pictures, with ROMA ({plan.Steps} steps; GRPO for as many steps and for as long) and, as a control, by supervised fine-tuning on its own right answers under corrupted views. Of each the average of its last weights is scored, on {plan.Samples} unused test questions, clean and under ten corruptions x five severities ({plan.SamplesPerCell} questions each). Seen corruptions were trained on, unseen ones never. {seeds} training seed(s); single runs below are of the first.");
}
