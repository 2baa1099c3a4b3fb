using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>No worst case: the mean over the views (the ablation, and static consistency).</summary>
[Name("mean")]
public sealed record MeanWorstCase : IWorstCase
{
    /// <inheritdoc/>
    public bool NeedsAllViews => true;

    /// <inheritdoc/>
    public Tensor Reduce(Tensor divergence_KNT, Tensor mean_NT) => divergence_KNT.mean([0L]);
}
