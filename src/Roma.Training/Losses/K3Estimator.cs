using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary><c>exp(u) - u - 1</c> with <c>u = min(log q - log p, 20)</c>: unbiased and never negative; the gradient with respect to log q is <c>exp(u) - 1</c>, at least -1.</summary>
[Name("k3")]
public sealed record K3Estimator : IKlEstimator
{
    /// <inheritdoc/>
    public bool NeedsDistributions => false;

    /// <inheritdoc/>
    public Tensor Divergence(Tensor logP, Tensor logQ)
    {
        Tensor u = IKlEstimator.LogRatio(logP, logQ);
        return u.expm1() - u; // exp(u) - 1 would lose all digits of a small u in float32
    }
}
