using Roma.Evaluation.Suites;

namespace Roma.Training;

/// <summary>How a run checks itself.</summary>
/// <param name="Suite">What is asked; the same code as <c>roma eval</c>.</param>
/// <param name="Every">Steps between checks, at least 1.</param>
/// <param name="BatchSize">Questions answered at once.</param>
/// <param name="KeepBest">Whether the model with the best mean of clean, seen and unseen accuracy so far is kept beside the last checkpoints, as <c>checkpoints/best</c>.</param>
public sealed record ValidationSettings(EvaluationSuite Suite, int Every = 100, int BatchSize = 256, bool KeepBest = true)
{
    /// <summary>Steps between checks.</summary>
    public int Every { get; init; } = Require.AtLeast(Every, 1);

    /// <summary>Questions answered at once.</summary>
    public int BatchSize { get; init; } = Require.AtLeast(BatchSize, 1);
}
