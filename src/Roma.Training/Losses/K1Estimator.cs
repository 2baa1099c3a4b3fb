using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary><c>-u</c> with <c>u = min(log q - log p, 20)</c>: unbiased, of either sign.</summary>
[Name("k1")]
public sealed record K1Estimator : IKlEstimator
{
    /// <inheritdoc/>
    public bool NeedsDistributions => false;

    /// <inheritdoc/>
    public Tensor Divergence(Tensor logP, Tensor logQ) => IKlEstimator.LogRatio(logP, logQ).neg();
}
