using Roma.Core;
using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary><c>u^2 / 2</c> with <c>u = min(log q - log p, 20)</c>.</summary>
[Name("k2")]
public sealed record K2Estimator : IKlEstimator
{
    /// <inheritdoc/>
    public bool NeedsDistributions => false;

    /// <inheritdoc/>
    public Tensor Divergence(Tensor logP, Tensor logQ) => IKlEstimator.LogRatio(logP, logQ).pow(Scalars.Of(2)) * Scalars.Of(0.5);
}
