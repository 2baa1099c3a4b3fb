using Roma.Evaluation.Results;

namespace Roma.Evaluation.Experiments;

/// <summary>One trained model of an experiment and how it scores.</summary>
/// <param name="Method">What trained it, for example grpo or roma.</param>
/// <param name="Arm">What was held equal, for example equal_steps or equal_time.</param>
/// <param name="Seed">Seed of the training.</param>
/// <param name="Steps">Optimiser steps of the training.</param>
/// <param name="Seconds">Wall-clock seconds of the training, evaluation excluded.</param>
/// <param name="Scores">By "clean" and group of corruptions; intervals of groups have the samples as clusters.</param>
public sealed record ExperimentRun(string Method, string Arm, int Seed, int Steps, double Seconds, IReadOnlyDictionary<string, ExperimentScore> Scores)
{
    /// <summary>Takes the scores from a run's summary.</summary>
    /// <param name="summary">The summary of its log.</param>
    /// <param name="method">What trained it.</param>
    /// <param name="arm">What was held equal.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="steps">Optimiser steps.</param>
    /// <param name="seconds">Wall-clock seconds of the training.</param>
    public static ExperimentRun Of(RunSummary summary, string method, string arm, int seed, int steps, double seconds)
    {
        var scores = new OrderedDictionary<string, ExperimentScore> { ["clean"] = ExperimentScore.Of(summary.Clean) };
        foreach (GroupSummary group in summary.Groups)
            scores[group.Name] = ExperimentScore.Of(group);
        return new(method, arm, seed, steps, seconds, scores);
    }
}
