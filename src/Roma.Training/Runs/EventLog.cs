using TorchSharp.Modules;
using static TorchSharp.torch.utils.tensorboard;

namespace Roma.Training.Runs;

/// <summary>The metrics once more as TensorBoard event files, in <c>events</c>: <c>tensorboard --logdir runs</c>. Steps that a resumed run repeats are shown as they were last.</summary>
/// <param name="folder">The folder of the event files.</param>
public sealed class EventLog(string folder)
{
    private readonly Lazy<SummaryWriter> _writer = new(() => SummaryWriter(folder, createRunName: false));

    /// <summary>Adds the values of a step.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="values">By name; what is not finite is left out.</param>
    public void Write(int step, IEnumerable<KeyValuePair<string, double>> values)
    {
        foreach ((string name, double value) in values)
            if (double.IsFinite(value))
                _writer.Value.add_scalar(name, (float)value, step);
    }
}
