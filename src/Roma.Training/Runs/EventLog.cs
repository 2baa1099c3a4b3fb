using Roma.Core;
using TorchSharp.Modules;
using static TorchSharp.torch.utils.tensorboard;

namespace Roma.Training.Runs;

/// <summary>The metrics once more as TensorBoard event files, in <c>events</c>: <c>tensorboard --logdir runs</c>. A run that goes on writes them anew from the metrics that it kept: no step is shown twice.</summary>
public sealed class EventLog
{
    private const string Validation = "validation_";
    private readonly string _folder;
    private readonly Lazy<SummaryWriter> _writer;

    /// <summary>Prepares the folder; its files are written with the first value.</summary>
    /// <param name="folder">The folder of the event files.</param>
    /// <param name="before">The lines of metrics before, in order.</param>
    /// <exception cref="RomaException">The folder is not writable.</exception>
    public EventLog(string folder, IReadOnlyList<MetricsLine> before)
    {
        _folder = folder;
        _writer = new(() => SummaryWriter(folder, createRunName: false));
        if (Directory.Exists(folder))
            AtomicFile.Guard(folder, () => Directory.Delete(folder, recursive: true));
        foreach (MetricsLine line in before)
            Write(line);
    }

    /// <summary>Adds the values of a line; what is not finite is left out.</summary>
    /// <param name="line">A line of the metrics.</param>
    /// <exception cref="RomaException">The disk is full.</exception>
    public void Write(MetricsLine line) => AtomicFile.Guard(_folder, () =>
    {
        foreach ((string name, double value) in line.Values)
            Add(name.StartsWith(Validation, StringComparison.Ordinal) ? "validation/" + name[Validation.Length..] : "train/" + name, value);
        foreach ((string name, double value) in line.Machine)
            Add("machine/" + name, value);

        void Add(string tag, double value)
        {
            if (double.IsFinite(value))
                _writer.Value.add_scalar(tag, (float)value, line.Step);
        }
    });
}
