using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>One view for a whole response: the one with the largest mean divergence over its tokens, the lowest index at a tie; the choice has no gradient.</summary>
[Name("trajectory")]
public sealed record TrajectoryWorstCase : IWorstCase
{
    /// <inheritdoc/>
    public bool NeedsAllViews => false;

    /// <inheritdoc/>
    public Tensor Reduce(Tensor divergence_KNT, Tensor mean_NT)
    {
        if (divergence_KNT.size(0) == 1)
            return divergence_KNT.squeeze(0);
        WorstViews worst = WorstViews.Of(divergence_KNT, mean_NT);
        return worst.Gather(divergence_KNT);
    }
}
