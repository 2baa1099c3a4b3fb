using Roma.Core;
using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary><c>-A l sg[clip(r, 1-low, 1+high)]</c>: every token keeps a gradient (CISPO, arXiv 2506.13585); <c>clip_low: 1</c> means no lower bound. The dual clip is not used here.</summary>
[Name("cispo")]
public sealed record CispoLoss : IPolicyLoss
{
    /// <inheritdoc/>
    public TokenLoss Loss(PolicyInput input)
    {
        Tensor ratio = PolicyInput.Ratio(input.LogProbs_NT.detach() - input.Old_NT);
        Tensor clipped = ratio.clamp(Scalars.Of(1 - input.Settings.ClipLow), Scalars.Of(1 + input.Settings.ClipHigh));
        return new TokenLoss(input.LogProbs_NT * (clipped * input.NegatedAdvantage_NT), ratio, clipped);
    }
}
