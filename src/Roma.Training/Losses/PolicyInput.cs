using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>What a policy loss sees of a micro-batch: N responses of at most T tokens.</summary>
/// <param name="LogProbs_NT">Log-probabilities of the tokens, with gradient.</param>
/// <param name="Old_NT">The same under the policy that sampled, no gradient.</param>
/// <param name="NegatedAdvantage_NT">Minus the advantage.</param>
/// <param name="Lower_NT">The ratio's lower bound: <c>1 - clip_low</c> where the advantage is negative, else 0.</param>
/// <param name="Upper_NT">The ratio's upper bound: <c>1 + clip_high</c>, or <c>dual_clip</c> where the advantage is negative.</param>
/// <param name="Mean_NT">Weights that give the mean over a response's own tokens: 1/T_i, 0 on padding.</param>
/// <param name="Settings">The clip range.</param>
public sealed record PolicyInput(Tensor LogProbs_NT, Tensor Old_NT, Tensor NegatedAdvantage_NT, Tensor Lower_NT, Tensor Upper_NT, Tensor Mean_NT, PolicySettings Settings)
{
    private const double LargestLogRatio = 20;

    /// <summary><c>exp(clamp(x, -20, 20))</c> of a log-ratio.</summary>
    /// <param name="logRatio">Any shape.</param>
    public static Tensor Ratio(Tensor logRatio) => logRatio.clamp(Scalars.Of(-LargestLogRatio), Scalars.Of(LargestLogRatio)).exp();
}
