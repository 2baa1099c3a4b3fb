using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;
using Roma.Models;

namespace Roma.Training.Runs;

/// <summary>Asks a run's validation questions, clean and corrupted; pictures once corrupted are kept.</summary>
public sealed class Validator
{
    private const string Prefix = "validation_", WorstCategory = Prefix + "worst_category";
    private const long KeptBytes = 64 << 20;
    private readonly ValidationSettings _settings;
    private readonly StopSettings _stop;
    private readonly int _maxTokens;
    private readonly SuiteRunner _runner;

    private Validator(ValidationSettings settings, StopSettings stop, int maxTokens)
    {
        (_settings, _stop, _maxTokens) = (settings, stop, maxTokens);
        _runner = new(settings.Suite, CorruptionMatrix.Of(settings.Suite, Catalogue.Default), KeptBytes);
        _runner.Check();
    }

    /// <summary>The validation of a run; null where it has none.</summary>
    /// <param name="settings">The run.</param>
    /// <exception cref="RomaException">The suite is faulty.</exception>
    public static Validator? Of(TrainingSettings settings) => settings.Validation is { } validation ? new(validation, settings.Stop, settings.MaxTokens) : null;

    /// <summary>Whether a line of the metrics is a validation's.</summary>
    /// <param name="line">The line.</param>
    public static bool Wrote(MetricsLine line) => line.Values.Any(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>Whether a run is to be validated where it stands.</summary>
    /// <param name="state">Where it stands.</param>
    public bool IsDue(TrainingState state) => state.Step % _settings.Every == 0 && state.Step > (state.Validated ?? 0);

    /// <summary>Asks the questions.</summary>
    /// <param name="model">The policy.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="log">The result log, written anew.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="interrupt">Ends it between batches.</param>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public Result Run(VisionLanguageModel model, int step, string log, IProgressSink progress, CancellationToken interrupt)
    {
        if (File.Exists(log))
            File.Delete(log); // of a run that ended before it was through
        using var endpoint = new LocalEndpoint(model, $"step {step}", _maxTokens, _settings.BatchSize);
        RunSummary summary = RunSummary.Of(_runner.Run(endpoint, log, progress: progress, cancellation: interrupt));
        double accuracy = summary.Clean.Accuracy.Value, worst = summary.Categories.Select(category => category.Clean.Accuracy.Value).DefaultIfEmpty(accuracy).Min();
        double score = summary.Groups.Select(group => group.Score.Accuracy.Value).Append(accuracy).Average();
        return new([new(Prefix + "clean", accuracy), new(WorstCategory, worst), .. summary.Groups.Select(group => KeyValuePair.Create(Prefix + group.Name, group.Score.Accuracy.Value))],
            _settings.KeepBest ? score : null, accuracy >= _stop.Accuracy && worst >= _stop.Category);
    }

    /// <summary>What a validation says.</summary>
    /// <param name="Values">For the metrics: the accuracy on clean pictures, of the worst category and of each group of corruptions.</param>
    /// <param name="Score">The mean of clean, seen and unseen accuracy, by which the best model is kept; null where it is not.</param>
    /// <param name="IsEnough">Whether the stop rule is satisfied.</param>
    public sealed record Result(IReadOnlyList<KeyValuePair<string, double>> Values, double? Score, bool IsEnough)
    {
        /// <summary>The accuracies in short.</summary>
        public override string ToString() => string.Concat(Values.Where(pair => pair.Key != WorstCategory).Select(pair => FormattableString.Invariant($", {pair.Key[Prefix.Length..]} {100 * pair.Value:0.0} %")));
    }
}
