using Roma.Training.Advantages;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>
/// A micro-batch as the model scored it: N responses of at most T tokens, under K corrupted views. Tensors are float32 or float64, all of one type on one device; padding may
/// hold any finite number.
/// </summary>
/// <param name="Trajectories">Masks, advantages and accuracies of the N responses.</param>
/// <param name="LogProbs_NT">Log-probabilities of the tokens on the loss view, with gradient.</param>
public sealed record ObjectiveInput(Trajectories Trajectories, Tensor LogProbs_NT)
{
    /// <summary>The same under the policy that sampled the tokens; null on the first update after sampling, where every ratio is 1.</summary>
    public Tensor? Old_NT { get; init; }

    /// <summary>The same under the reference policy; needed where its coefficient is not 0 and its estimator is not <c>full</c>.</summary>
    public Tensor? Reference_NT { get; init; }

    /// <summary>The <c>full</c> estimator's divergence from the reference policy, with gradient.</summary>
    public Tensor? ReferenceDivergence_NT { get; init; }

    /// <summary>
    /// Log-probabilities of the tokens on the corrupted views, with gradient; null where there are none. Where <see cref="IWorstCase.NeedsAllViews"/> is false, each
    /// trajectory's selected view alone ([1, N, T]) gives the same as all K.
    /// </summary>
    public Tensor? Views_KNT { get; init; }

    /// <summary>The <c>full</c> estimator's divergence of the corrupted views from the loss view, with gradient to one or both as the anchor says.</summary>
    public Tensor? ViewDivergence_KNT { get; init; }

    /// <summary>Log-probabilities of the tokens on each trajectory's auxiliary view, with gradient; may share its graph with <see cref="Views_KNT"/>.</summary>
    public Tensor? Auxiliary_NT { get; init; }

    /// <summary>Which responses have an auxiliary view, [N]; null: all. The policy loss of the others is not in its term.</summary>
    public IReadOnlyList<bool>? HasAuxiliary { get; init; }

    /// <summary>Entropies on the loss view (<see cref="TokenEntropy"/>), with gradient; needed where the bonus is not 0.</summary>
    public Tensor? Entropy_NT { get; init; }
}
