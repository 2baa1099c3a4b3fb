using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>
/// PPO's clipped surrogate with a dual clip (arXiv 1707.06347, 1912.09729): <c>max(-A r, -A clip(r, 1-low, 1+high))</c>, at most <c>-A c</c> where A is negative. That is
/// <c>-A</c> times the ratio held within <c>[1-low, c]</c> where A is negative and below <c>1+high</c> elsewhere, which is how it is computed.
/// </summary>
[Name("clipped")]
public sealed record ClippedLoss : IPolicyLoss
{
    /// <inheritdoc/>
    public TokenLoss Loss(PolicyInput input)
    {
        Tensor ratio = PolicyInput.Ratio(input.LogProbs_NT - input.Old_NT);
        Tensor clipped = ratio.clamp(input.Lower_NT, input.Upper_NT);
        return new TokenLoss(clipped * input.NegatedAdvantage_NT, ratio, clipped);
    }
}
