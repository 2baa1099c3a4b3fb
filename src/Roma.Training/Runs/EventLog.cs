using Roma.Core;

namespace Roma.Training.Runs;

/// <summary>The metrics once more as a TensorBoard event file, in <c>events</c>: <c>tensorboard --logdir runs</c>. A run that goes on writes it anew from the metrics that it kept: no step is shown twice.</summary>
public sealed class EventLog
{
    private const string Validation = "validation_";
    private readonly string _file;

    /// <summary>Writes what was measured before; without any the file is made with the first line.</summary>
    /// <param name="folder">The folder of the event file.</param>
    /// <param name="before">The lines of metrics before, in order.</param>
    /// <exception cref="RomaException">The folder is not writable.</exception>
    public EventLog(string folder, IReadOnlyList<MetricsLine> before)
    {
        _file = Path.Combine(folder, $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Environment.MachineName}.{Environment.ProcessId}");
        if (Directory.Exists(folder))
            AtomicFile.Guard(folder, () => Directory.Delete(folder, recursive: true));
        if (before.Count > 0)
            Append(before);
    }

    /// <summary>Adds the values of a line; what is not finite is left out. They reach the system at once.</summary>
    /// <param name="line">A line of the metrics.</param>
    /// <exception cref="RomaException">The disk is full.</exception>
    public void Write(MetricsLine line) => Append([line]);

    private void Append(IReadOnlyList<MetricsLine> lines) => AtomicFile.Guard(_file, () =>
    {
        bool isNew = !File.Exists(_file);
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.AppendAllBytes(_file, [.. isNew ? TensorBoardRecord.Version(lines[0].Time) : [], .. lines.SelectMany(line => TensorBoardRecord.Scalars(line.Time, line.Step, Scalars(line)))]);
    });

    private static IEnumerable<(string, float)> Scalars(MetricsLine line) => line.Values
        .Select(pair => (pair.Key.StartsWith(Validation, StringComparison.Ordinal) ? "validation/" + pair.Key[Validation.Length..] : "train/" + pair.Key, (float)pair.Value))
        .Concat(line.Machine.Select(pair => ("machine/" + pair.Key, (float)pair.Value))).Where(scalar => float.IsFinite(scalar.Item2));
}
