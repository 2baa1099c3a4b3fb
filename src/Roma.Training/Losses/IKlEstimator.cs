using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>
/// An estimate of <c>KL(p || q)</c> at each token, for tokens drawn from p: p is the clean view or the current policy, q the corrupted view or the reference policy.
/// Gradients flow to both arguments; stop one with <c>detach()</c>.
/// </summary>
public interface IKlEstimator
{
    /// <summary>True if the estimate needs log-probabilities of the whole vocabulary: whoever scores the tokens then calls <see cref="Divergence"/>, a chunk of tokens at a time.</summary>
    bool NeedsDistributions { get; }

    /// <summary>The estimate, [...].</summary>
    /// <param name="logP">Log-probabilities under p of the tokens, [...]; or of the vocabulary, [..., V].</param>
    /// <param name="logQ">The same under q; broadcasts with <paramref name="logP"/>.</param>
    Tensor Divergence(Tensor logP, Tensor logQ);

    /// <summary><c>u = min(log q - log p, 20)</c>: no lower bound, so that a token which q makes impossible keeps its gradient.</summary>
    internal static Tensor LogRatio(Tensor logP, Tensor logQ) => (logQ - logP).clamp_max(Scalars.Of(20));
}
