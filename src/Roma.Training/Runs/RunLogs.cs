using Roma.Core;

namespace Roma.Training.Runs;

/// <summary>What a run writes down while it goes on: metrics, the same for TensorBoard, and the updates that were left out. What a resumed run does again is cut off.</summary>
internal sealed class RunLogs : IDisposable
{
    private readonly MetricsLog _metrics;
    private readonly EventLog _events;

    /// <summary>Opens the logs to go on.</summary>
    /// <param name="directory">The run's folder.</param>
    /// <param name="state">Where the run stands.</param>
    /// <exception cref="RomaException">A line is broken, or the folder is not writable.</exception>
    public RunLogs(RunDirectory directory, TrainingState state)
    {
        _metrics = new(directory.PathOf("metrics.jsonl"), line => line.Step <= (Validator.Wrote(line) ? state.Validated : state.Step));
        _events = new(directory.PathOf("events"), _metrics.Before);
        Skipped = new(directory.PathOf("skipped.jsonl"));
        Skipped.CutAfter(state.Step);
    }

    /// <summary>The updates that were left out.</summary>
    public SkippedLog Skipped { get; }

    /// <summary>Appends a line of the metrics.</summary>
    /// <param name="line">The line.</param>
    public void Write(MetricsLine line)
    {
        _metrics.Write(line);
        _events.Write(line);
    }

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();
}
