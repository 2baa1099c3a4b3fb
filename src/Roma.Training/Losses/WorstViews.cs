using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>Each trajectory's worst view.</summary>
/// <param name="View">The index of the view with the largest mean divergence, the lowest at a tie, [N].</param>
/// <param name="MeanDivergence">The mean divergence over the response's own tokens, [K, N]; 0 for a response without tokens.</param>
public sealed record WorstViews(int[] View, double[,] MeanDivergence)
{
    /// <summary>The entries of each trajectory's worst view, [N, T]; differentiable.</summary>
    /// <param name="values_KNT">A value for every view.</param>
    public Tensor Gather(Tensor values_KNT) => Gather(values_KNT, View);

    /// <summary>The entries of the given view of each trajectory, [N, T]; differentiable.</summary>
    /// <param name="values_KNT">A value for every view.</param>
    /// <param name="view">The view of each trajectory, [N].</param>
    public static Tensor Gather(Tensor values_KNT, int[] view)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor index_1NT = tensor(Array.ConvertAll(view, k => (long)k), [1, view.Length, 1], device: values_KNT.device).expand(1, view.Length, values_KNT.size(2));
        return values_KNT.gather(0, index_1NT).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>The same selection for responses that share a view: the one whose mean divergences have the largest sum over those with the same number.</summary>
    /// <param name="group">A number for each response, [N].</param>
    public WorstViews Shared(int[] group)
    {
        Dictionary<int, int> worst = group.Distinct().ToDictionary(g => g, g => Enumerable.Range(0, MeanDivergence.GetLength(0))
            .MaxBy(k => Enumerable.Range(0, group.Length).Where(i => group[i] == g).Sum(i => MeanDivergence[k, i])));
        return this with { View = [.. group.Select(g => worst[g])] };
    }

    /// <summary>Selects from divergences [K, N, T] with the weights of each response's own mean, [N, T].</summary>
    internal static WorstViews Of(Tensor divergence_KNT, Tensor mean_NT)
    {
        using var _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double[,] mean_KN = (double[,])(divergence_KNT * mean_NT).sum(-1).to(ScalarType.Float64).cpu().data<double>().ToNDArray();
        var view = new int[mean_KN.GetLength(1)];
        for (int k = 1; k < mean_KN.GetLength(0); k++)
        {
            for (int i = 0; i < view.Length; i++)
            {
                if (mean_KN[k, i] > mean_KN[view[i], i])
                    view[i] = k;
            }
        }
        return new WorstViews(view, mean_KN);
    }
}
