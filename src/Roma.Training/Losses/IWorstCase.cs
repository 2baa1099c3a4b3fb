using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>Which of K corrupted views the consistency term looks at.</summary>
public interface IWorstCase
{
    /// <summary>True if the term needs a gradient through every view; false if each trajectory's selected view (<see cref="Objective.SelectWorst"/>) is enough, given as the only one.</summary>
    bool NeedsAllViews { get; }

    /// <summary>The divergence that counts at each token, [N, T].</summary>
    /// <param name="divergence_KNT">The divergence of each view.</param>
    /// <param name="mean_NT">Weights that give the mean over a response's own tokens.</param>
    Tensor Reduce(Tensor divergence_KNT, Tensor mean_NT);
}
