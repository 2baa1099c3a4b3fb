using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>The exact <c>sum_v p (log p - log q)</c> over the vocabulary, no clamp.</summary>
[Name("full")]
public sealed record FullKlEstimator : IKlEstimator
{
    /// <inheritdoc/>
    public bool NeedsDistributions => true;

    /// <inheritdoc/>
    public Tensor Divergence(Tensor logP, Tensor logQ) => (logP.exp() * (logP - logQ)).sum(-1);
}
