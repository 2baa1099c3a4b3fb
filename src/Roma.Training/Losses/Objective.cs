using Roma.Models.Kernels;
using Roma.Training.Advantages;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>
/// The loss of every method (N responses, T tokens, K corrupted views): <c>lambda_clean L_clean + lambda_kl L_kl + lambda_pg L_pg + beta KL_reference - entropy H</c>. A term whose input
/// is given but whose weight is 0 is measured and not added, so with everything off this is GRPO to the last bit.
/// </summary>
/// <param name="settings">The switches.</param>
public sealed class Objective(ObjectiveSettings settings)
{
    private readonly PolicySettings _policy = settings.Policy;

    /// <summary>What the step counts: the scorable responses that pass the filter and have tokens.</summary>
    /// <param name="step">All responses of the optimiser step.</param>
    public StepDenominators DenominatorsOf(Trajectories step)
    {
        int[] counted = [.. Enumerable.Range(0, step.Count).Where(i => IsCounted(step, i))];
        return new StepDenominators(counted.Sum(i => (long)step.Tokens[i]), counted.Length);
    }

    /// <summary>Each response's gate, [N]: whether the consistency term is for it.</summary>
    /// <param name="trajectories">Any responses.</param>
    public bool[] GateOf(Trajectories trajectories) => [.. Enumerable.Range(0, trajectories.Count).Select(i => Passes(settings.Gate, trajectories, i))];

    /// <summary>Which responses have a gradient on the loss view, [N]: where all rewards of a group are equal there is none to compute.</summary>
    /// <param name="rows">Any responses with their advantages.</param>
    public bool[] LearnsFrom(Trajectories rows) => [.. Enumerable.Range(0, rows.Count).Select(i => IsCounted(rows, i)
        && (_policy.Beta != 0 || _policy.Entropy != 0 || settings.LambdaClean != 0 && Weighs(_policy.Loss, rows, i) || settings.LambdaKl != 0 && settings.Anchor != Anchor.Clean && Passes(settings.Gate, rows, i)))];

    /// <summary>Which responses have a gradient on their corrupted views, [N].</summary>
    /// <param name="rows">Any responses with their advantages.</param>
    public bool[] LearnsFromViews(Trajectories rows) => [.. Enumerable.Range(0, rows.Count).Select(i => IsCounted(rows, i)
        && (settings.LambdaKl != 0 && Passes(settings.Gate, rows, i) || settings.LambdaPg != 0 && Weighs(settings.Surrogate, rows, i)))];

    /// <summary>Each trajectory's worst view, from scores without gradient: only this view needs a second pass where <see cref="IWorstCase.NeedsAllViews"/> is false.</summary>
    /// <param name="trajectories">The N responses.</param>
    /// <param name="logProbs_NT">Log-probabilities of the tokens on the loss view.</param>
    /// <param name="views_KNT">The same on each corrupted view; for the <c>full</c> estimator the divergences instead.</param>
    public WorstViews SelectWorst(Trajectories trajectories, Tensor logProbs_NT, Tensor views_KNT)
    {
        using var _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor divergence_KNT = settings.Estimator.NeedsDistributions ? views_KNT : settings.Estimator.Divergence(logProbs_NT, views_KNT);
        return WorstViews.Of(divergence_KNT, TokenWeights.MeanOf(trajectories, logProbs_NT));
    }

    /// <summary>A micro-batch's share of the loss.</summary>
    /// <param name="input">The scored micro-batch.</param>
    /// <param name="step">What the whole optimiser step counts.</param>
    /// <param name="beta">The coefficient of the reference KL, where a controller has moved it; null: the setting's.</param>
    /// <exception cref="ArgumentException">An input is missing that a weight other than 0 needs.</exception>
    public ObjectiveResult Compute(ObjectiveInput input, StepDenominators step, double? beta = null)
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor logProbs_NT) = (input.Trajectories, input.LogProbs_NT);
        bool[] counted = [.. Enumerable.Range(0, rows.Count).Select(i => IsCounted(rows, i))], gate = GateOf(rows);
        var weights = new TokenWeights(rows, counted, gate, _policy, step, logProbs_NT);
        Tensor old_NT = input.Old_NT ?? logProbs_NT.detach();
        PolicyInput On(Tensor view_NT) => new(view_NT, old_NT, weights.NegatedAdvantage, weights.Lower, weights.Upper, weights.Mean, _policy);
        Tensor Aggregate(Tensor values_NT) => (values_NT * weights.Weight).sum();

        var sum = new TermSum();
        TokenLoss clean = _policy.Loss.Loss(On(logProbs_NT));
        sum.Add("clean", settings.LambdaClean, () => Aggregate(clean.Loss_NT));
        if (Given(settings.Estimator.NeedsDistributions ? input.ViewDivergence_KNT : input.Views_KNT, settings.LambdaKl, "views") is { } views_KNT)
            sum.Add("kl", settings.LambdaKl, () => (settings.WorstCase.Reduce(Divergence(logProbs_NT, views_KNT), weights.Mean) * weights.Gated).sum());
        if (Given(input.Auxiliary_NT, settings.LambdaPg, "auxiliary view") is { } auxiliary_NT)
        {
            TokenLoss surrogate = settings.Surrogate.Loss(On(auxiliary_NT));
            Tensor shown_N1 = tensor(input.HasAuxiliary?.ToArray() ?? [.. counted.Select(_ => true)], device: auxiliary_NT.device).unsqueeze(1);
            sum.Add("pg", settings.LambdaPg, () => Aggregate(surrogate.Loss_NT * shown_N1));
            if (surrogate is { Ratio: { } shifted, Clipped: { } bounded })
                sum.Measure("pg_clip_fraction", (shifted.detach().ne(bounded.detach()) * weights.PerToken * shown_N1).sum());
        }
        double coefficient = beta ?? _policy.Beta;
        IKlEstimator reference = _policy.ReferenceEstimator;
        if (Given(reference.NeedsDistributions ? input.ReferenceDivergence_NT : input.Reference_NT, coefficient, "reference policy") is { } reference_NT)
        {
            Tensor divergence_NT = reference.NeedsDistributions ? reference_NT : reference.Divergence(logProbs_NT, reference_NT);
            sum.Add("reference_kl", coefficient, () => Aggregate(divergence_NT));
            sum.Measure("reference_kl_nats", (divergence_NT.detach() * weights.PerToken).sum());
        }
        if (Given(input.Entropy_NT, _policy.Entropy, "entropy") is { } entropy_NT)
            sum.Add("entropy", -_policy.Entropy, () => Aggregate(entropy_NT));

        if (clean is { Ratio: { } ratio, Clipped: { } clipped })
            MeasureRatio(sum, ratio.detach(), clipped.detach(), weights.PerToken);
        (Tensor total, Dictionary<string, double> terms) = sum.Close();
        terms["gate_rate"] = Enumerable.Range(0, rows.Count).Count(i => counted[i] && gate[i]) / (double)Math.Max(1, step.Sequences);
        terms.Remove("ratio_deviation", out double deviation);
        return new ObjectiveResult(total.MoveToOuterDisposeScope(), terms, deviation);
    }

    private static void MeasureRatio(TermSum sum, Tensor ratio, Tensor clipped, Tensor perToken_NT)
    {
        sum.Measure("ratio_mean", (ratio * perToken_NT).sum());
        sum.Measure("clip_fraction", (ratio.ne(clipped) * perToken_NT).sum());
        sum.Measure("ratio_deviation", (ratio.sub(Scalars.Of(1)).abs() * perToken_NT.sign()).max());
    }

    private Tensor Divergence(Tensor logProbs_NT, Tensor views_KNT) =>
        settings.Estimator.NeedsDistributions ? views_KNT : settings.Estimator.Divergence(settings.Anchor == Anchor.Clean ? logProbs_NT.detach() : logProbs_NT, views_KNT);

    private static bool Weighs(IPolicyLoss loss, Trajectories rows, int i) =>
        !loss.NeedsAdvantage || rows.Advantage is { } advantage && Enumerable.Range(0, rows.Length).Any(t => rows.Mask[i, t] && advantage[i, t] != 0);

    private bool IsCounted(Trajectories rows, int i) => rows.Tokens[i] > 0 && Passes(settings.Filter, rows, i);

    private bool Passes(Gate gate, Trajectories rows, int i) => rows.Scorable[i] && (gate == Gate.None || rows.Accuracy[i] >= settings.Tau);

    private static Tensor? Given(Tensor? tensor, double weight, string what) =>
        tensor is null && weight != 0 ? throw new ArgumentException($"The term of the {what} has the weight {weight}, but its input is missing.") : tensor;
}
