using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>The clipped surrogate with one ratio a sequence, <c>exp(clamp(mean_t(l - lold), -20, 20))</c>, gradient through the mean (GSPO, arXiv 2507.18071).</summary>
[Name("gspo")]
public sealed record GspoLoss : IPolicyLoss
{
    /// <inheritdoc/>
    public TokenLoss Loss(PolicyInput input)
    {
        Tensor ratio_N1 = PolicyInput.Ratio(((input.LogProbs_NT - input.Old_NT) * input.Mean_NT).sum(1, keepdim: true));
        Tensor clipped_NT = ratio_N1.clamp(input.Lower_NT, input.Upper_NT);
        return new TokenLoss(clipped_NT * input.NegatedAdvantage_NT, ratio_N1, clipped_NT);
    }
}
