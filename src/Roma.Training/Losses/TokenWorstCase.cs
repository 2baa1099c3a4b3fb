using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>At each token the view with the largest divergence.</summary>
[Name("token")]
public sealed record TokenWorstCase : IWorstCase
{
    /// <inheritdoc/>
    public bool NeedsAllViews => true;

    /// <inheritdoc/>
    public Tensor Reduce(Tensor divergence_KNT, Tensor mean_NT) => divergence_KNT.max(0).values;
}
