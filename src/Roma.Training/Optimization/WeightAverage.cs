using Roma.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Optimization;

/// <summary>
/// An exponential average of the trained weights, <c>average = decay average + (1 - decay) weights</c> after each step: single checkpoints wobble by a point or more from step to step, their average does not. The first
/// steps count more, so that the start does not linger: the decay of step t is at most (1 + t) / (10 + t).
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private readonly List<(string Name, Tensor Weight, Tensor Average)> _entries;
    private readonly double _decay;

    /// <summary>Starts at the weights as they are.</summary>
    /// <param name="trained">What is averaged.</param>
    /// <param name="decay">Above 0, below 1.</param>
    public WeightAverage(IEnumerable<(string Name, Tensor Weight)> trained, double decay)
    {
        using IDisposable _ = no_grad();
        _decay = decay;
        _entries = [.. trained.Select(entry => (entry.Name, entry.Weight, entry.Weight.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>Takes the weights after a step in.</summary>
    /// <param name="step">Steps done, from 1.</param>
    public void Update(int step)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double share = 1 - Math.Min(_decay, (1.0 + step) / (10 + step));
        foreach ((string _, Tensor weight, Tensor average) in _entries)
            average.mul_(Scalars.Of(1 - share)).add_(weight, Scalars.Of(share));
    }

    /// <summary>Saves the model with the average in the place of its weights, which stay as they were.</summary>
    /// <param name="save">Saves the model in a folder.</param>
    /// <param name="directory">The folder.</param>
    public void Save(Action<string> save, string directory)
    {
        Swap();
        try
        {
            save(directory);
        }
        finally
        {
            Swap();
        }
    }

    /// <summary>The averages by name: the tensors themselves, not copies.</summary>
    public Dictionary<string, Tensor> State() => _entries.ToDictionary(entry => entry.Name, entry => entry.Average);

    /// <summary>Goes on from a state.</summary>
    /// <param name="state">Of the same weights; copied.</param>
    /// <exception cref="Core.RomaException">A tensor is missing, unknown or of another shape or type.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        TensorState.RequireSame("average of the weights", State(), state);
        using IDisposable _ = no_grad();
        foreach ((string name, Tensor _, Tensor average) in _entries)
            average.copy_(state[name]);
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.ForEach(entry => entry.Average.Dispose());

    private void Swap()
    {
        using IDisposable _ = no_grad();
        foreach ((string _, Tensor weight, Tensor average) in _entries)
        {
            using Tensor before = weight.clone();
            weight.copy_(average);
            average.copy_(before);
        }
    }
}
