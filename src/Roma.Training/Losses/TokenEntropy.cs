using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>The entropy of next-token distributions.</summary>
public static class TokenEntropy
{
    /// <summary><c>-sum_v p log p</c> in nats, [...].</summary>
    /// <param name="logP">Log-probabilities of the vocabulary, [..., V].</param>
    public static Tensor Of(Tensor logP) => (logP.exp() * logP).sum(-1).neg();
}
