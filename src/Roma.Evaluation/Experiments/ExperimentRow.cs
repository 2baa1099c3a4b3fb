namespace Roma.Evaluation.Experiments;

/// <summary>A line of the table over seeds: a method's accuracies, or the differences of two methods with the same seeds.</summary>
/// <param name="Arm">What was held equal.</param>
/// <param name="Method">The method, or the minuend.</param>
/// <param name="Baseline">The subtrahend; null for a method alone.</param>
/// <param name="Scores">By "clean" and group of corruptions.</param>
/// <param name="Retention">Retention by group of corruptions.</param>
/// <param name="Steps">Mean optimiser steps.</param>
/// <param name="Seconds">Mean seconds of training.</param>
public sealed record ExperimentRow(
    string Arm, string Method, string? Baseline, IReadOnlyDictionary<string, SeedMean> Scores, IReadOnlyDictionary<string, SeedMean> Retention, double Steps, double Seconds);
