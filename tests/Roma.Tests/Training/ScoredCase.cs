using Roma.Training.Advantages;
using Roma.Training.Losses;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

/// <summary>What a trainer does with a model, done with a golden batch: scores on all views, the selection, the input of the objective.</summary>
internal sealed class ScoredCase
{
    public ScoredCase(LossCase @case, ObjectiveSettings settings, bool selectFirst)
    {
        Trajectories rows = @case.Trajectories();
        Tensor l0, lk, lref;
        (Tensor Clean, Tensor Views, Tensor Reference)? vocabulary = null;
        if (@case.HasLogits)
        {
            Leaves = new() { ["logits0"] = @case.Tensor("logits0", gradient: true), ["logitsk"] = @case.Tensor("logitsk", gradient: true) };
            (Tensor Clean, Tensor Views, Tensor Reference) all = (Leaves["logits0"].log_softmax(-1), Leaves["logitsk"].log_softmax(-1), @case.Tensor("logits_reference").log_softmax(-1));
            Tensor tokens = @case.Tensor("tokens").to(int64).unsqueeze(-1);
            (l0, lref) = (all.Clean.gather(-1, tokens).squeeze(-1), all.Reference.gather(-1, tokens).squeeze(-1));
            lk = all.Views.gather(-1, tokens.unsqueeze(0).expand(all.Views.size(0), -1, -1, -1)).squeeze(-1);
            vocabulary = all;
        }
        else
        {
            Leaves = new() { ["l0"] = @case.Tensor("l0", gradient: true), ["lk"] = @case.Tensor("lk", gradient: true) };
            (l0, lk, lref) = (Leaves["l0"], Leaves["lk"], @case.Tensor("lref"));
        }
        if (@case.Settings.GetProperty("loss_on").GetString() == "corrupted")
        {
            Worst = new Objective(settings).SelectWorst(rows, l0.detach(), lk.detach());
            AuxiliaryView = Worst.View;
            Input = new ObjectiveInput(rows, WorstViews.Gather(lk, @case.Indices("sampled_view"))) { Old_NT = @case.Tensor("lold") };
            return;
        }
        Input = new ObjectiveInput(rows, l0) { Old_NT = @case.Tensor("lold"), Reference_NT = settings.Policy.Beta > 0 ? lref : null };
        Tensor? divergence = null;
        if (vocabulary is { } v)
        {
            divergence = new FullKlEstimator().Divergence(settings.Anchor == Anchor.Clean ? v.Clean.detach() : v.Clean, v.Views);
            Input = Input with
            {
                Entropy_NT = settings.Policy.Entropy > 0 ? TokenEntropy.Of(v.Clean) : null,
                ReferenceDivergence_NT = settings.Policy.Beta > 0 ? new FullKlEstimator().Divergence(v.Clean, v.Reference) : null,
            };
        }
        if (@case.Views == 0)
            return;
        Worst = new Objective(settings).SelectWorst(rows, l0.detach(), settings.Estimator.NeedsDistributions ? divergence!.detach() : lk.detach());
        AuxiliaryView = settings.View == Roma.Training.Losses.AuxiliaryView.Worst ? Worst.View : @case.Indices("auxiliary_view");
        Input = Input with
        {
            Views_KNT = selectFirst ? Worst.Gather(lk).unsqueeze(0) : lk,
            ViewDivergence_KNT = selectFirst && divergence is not null ? Worst.Gather(divergence).unsqueeze(0) : divergence,
            Auxiliary_NT = WorstViews.Gather(lk, AuxiliaryView),
        };
    }

    public Dictionary<string, Tensor> Leaves { get; }

    public ObjectiveInput Input { get; }

    public WorstViews? Worst { get; }

    public int[]? AuxiliaryView { get; }

    /// <summary>A micro-batch of it.</summary>
    public ObjectiveInput Rows(int[] rows)
    {
        Tensor index = tensor(Array.ConvertAll(rows, row => (long)row));
        Tensor? Take(Tensor? values, int dimension = 0) => values?.index_select(dimension, index);
        return new ObjectiveInput(Input.Trajectories.Rows(rows), Take(Input.LogProbs_NT)!)
        {
            Old_NT = Take(Input.Old_NT),
            Reference_NT = Take(Input.Reference_NT),
            ReferenceDivergence_NT = Take(Input.ReferenceDivergence_NT),
            Views_KNT = Take(Input.Views_KNT, 1),
            ViewDivergence_KNT = Take(Input.ViewDivergence_KNT, 1),
            Auxiliary_NT = Take(Input.Auxiliary_NT),
            Entropy_NT = Take(Input.Entropy_NT),
        };
    }
}
