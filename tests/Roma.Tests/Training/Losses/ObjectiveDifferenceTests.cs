using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Losses;

public class ObjectiveDifferenceTests
{
    private const int N = 7, T = 4, V = 3, K = 3;
    private static readonly int[] Lengths = [4, 3, 4, 2, 4, 3, 0], Drawn = [2, 0, 1, 0, 2, 1, 0];
    private static readonly double[] Accuracy = [1, 0, 0.5, 1, 1, 0.5, 1], Advantage = [0.9, -1.2, 0.4, 0.7, -0.6, 1.1, 0.8];
    private static readonly bool[] Scorable = [true, true, true, false, true, true, true];

    // Inside and outside of the clip range, and beyond the dual clip.
    private static readonly double[] Ratios = [0.5, 1.1, 4.1, 0.93, 1.7];
    private static readonly Dictionary<string, ObjectiveSettings> Settings = new([.. Policies(), .. References(), .. Divergences(), .. Auxiliaries(), .. Methods()]);

    public static TheoryData<string> Cases => [.. Settings.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_objective_has_the_value_and_the_gradient_of_its_formula(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ObjectiveSettings settings = Settings[name];
        int lossView = name == "grpo_augmented" ? 1 : 0;
        Tensor start = randn([2 + K, N, T, V], float64, generator: new Generator(3)) * 0.8;
        start[1..(1 + K)] += start[0];
        double[] at = start[..(1 + K)].contiguous().data<double>().ToArray();
        Trajectories rows = Rows();
        var tokens = new int[N, T];
        var old = new double[N, T];
        double[,,,] held = LogSoftmax(at), reference = LogSoftmax(start[(1 + K)..].contiguous().data<double>().ToArray());
        var referenceOf = new double[N, T, V];
        Buffer.BlockCopy(reference, 0, referenceOf, 0, sizeof(double) * reference.Length);
        for (int i = 0; i < N; i++)
            for (int t = 0; t < T; t++)
            {
                tokens[i, t] = (2 * i + t) % V;
                old[i, t] = held[lossView, i, t, tokens[i, t]] - Math.Log(Ratios[(i + t) % Ratios.Length]);
            }
        double? moved = name.EndsWith("moved", StringComparison.Ordinal) ? 0.7 : null;
        var hand = new ObjectiveByHand(settings, rows, tokens, old) { Reference = referenceOf, Drawn = Drawn, LossView = lossView, Beta = moved ?? settings.Policy.Beta };
        Dictionary<string, double> terms = hand.Compute(held, held);
        double[] quotients = Differences.Of(x => hand.Compute(LogSoftmax(x), held)["total"], at);
        Assert.Contains(quotients, slope => Math.Abs(slope) > 1e-3);

        foreach (bool selected in settings.WorstCase.NeedsAllViews || settings.LambdaKl == 0 ? [false] : new[] { false, true })
        {
            Tensor leaf = tensor(at, [1 + K, N, T, V]).requires_grad_();
            var objective = new Objective(settings);
            ObjectiveInput input = Score(settings, rows, leaf, start[1 + K].log_softmax(-1), tensor(tokens).to(int64), tensor(old), lossView, selected);
            ObjectiveResult result = objective.Compute(input, objective.DenominatorsOf(rows), moved);
            Assert.All(terms, term => Assert.Equal(term.Value, result.Terms[term.Key], 1e-12));
            Assert.Equal(terms["total"], result.Loss.item<double>(), 1e-12);
            result.Loss.backward();
            Differences.AssertEqual(quotients, leaf.grad!.data<double>().ToArray());
        }
    }

    private static IEnumerable<KeyValuePair<string, ObjectiveSettings>> Policies()
    {
        foreach (IPolicyLoss loss in All<IPolicyLoss>())
        {
            foreach (IAggregation aggregation in All<IAggregation>())
                yield return Case($"{Name(loss)}, {Name(aggregation)}", new() { Policy = new(loss, Aggregation: aggregation) });
            yield return Case($"{Name(loss)}, no dual clip, lower bound far below", new() { Policy = new(loss, 0.4, 0.2, null) });
        }
    }

    private static IEnumerable<KeyValuePair<string, ObjectiveSettings>> References()
    {
        foreach (IAggregation aggregation in All<IAggregation>())
        {
            yield return Case($"entropy alone, {Name(aggregation)}", new() { LambdaClean = 0, Policy = new(Entropy: 0.3, Aggregation: aggregation) });
            foreach (IKlEstimator estimator in All<IKlEstimator>())
                yield return Case($"reference {Name(estimator)}, {Name(aggregation)}", new() { Policy = new(Beta: 0.3, ReferenceEstimator: estimator, Aggregation: aggregation) });
        }
        yield return Case("entropy and policy", new() { Policy = new(Entropy: 0.3) });
        yield return Case("reference alone, its coefficient moved", new() { LambdaClean = 0, Policy = new(Beta: 0.3) });
    }

    private static IEnumerable<KeyValuePair<string, ObjectiveSettings>> Divergences()
    {
        foreach (IWorstCase worst in All<IWorstCase>())
            foreach (IKlEstimator estimator in All<IKlEstimator>())
                foreach (Anchor anchor in Enum.GetValues<Anchor>())
                    foreach (Gate gate in Enum.GetValues<Gate>())
                        yield return Case($"kl {Name(worst)}, {Name(estimator)}, anchor {anchor}, gate {gate}", new() { LambdaKl = 0.7, WorstCase = worst, Estimator = estimator, Anchor = anchor, Gate = gate });
        foreach (IAggregation aggregation in All<IAggregation>())
            yield return Case($"kl alone from half right on, {Name(aggregation)}", new() { LambdaClean = 0, LambdaKl = 1, Tau = 0.5, Policy = new(Aggregation: aggregation) });
    }

    private static IEnumerable<KeyValuePair<string, ObjectiveSettings>> Auxiliaries()
    {
        foreach (IPolicyLoss surrogate in All<IPolicyLoss>())
            foreach (AuxiliaryView view in Enum.GetValues<AuxiliaryView>())
            {
                yield return Case($"pg {Name(surrogate)}, view {view}", new() { LambdaPg = 0.6, Surrogate = surrogate, View = view });
                foreach (Anchor anchor in Enum.GetValues<Anchor>())
                    yield return Case($"pg {Name(surrogate)}, view {view}, with kl, anchor {anchor}", new() { LambdaKl = 0.7, LambdaPg = 0.6, Surrogate = surrogate, View = view, Anchor = anchor });
            }
    }

    private static IEnumerable<KeyValuePair<string, ObjectiveSettings>> Methods()
    {
        foreach (IMethod method in All<IMethod>())
            yield return Case(Name(method), method.Objective);
        var every = new PolicySettings(new GspoLoss(), 0.2, 0.28, 3, new SequenceMeanAggregation(), 0.3, new FullKlEstimator(), Entropy: 0.1);
        yield return Case("roma, everything on", new RomaMethod(K, 0.5, 0.2, new TokenWorstCase(), Anchor.Joint, new FullKlEstimator(), Surrogate: new ClippedLoss(), View: AuxiliaryView.Random, Policy: every).Objective);
        yield return Case("roma, everything on and k3", new RomaMethod(K, 0.5, 0.2, Policy: every with { ReferenceEstimator = new K3Estimator() }).Objective);
    }

    private static ObjectiveInput Score(ObjectiveSettings settings, Trajectories rows, Tensor logits, Tensor reference, Tensor tokens, Tensor old, int lossView, bool selected)
    {
        Tensor Of(Tensor logP) => logP.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
        Tensor all = logits.log_softmax(-1), clean = all[lossView], views = stack([.. Enumerable.Range(1, K).Select(k => Of(all[k]))]);
        Tensor divergence = settings.Estimator.Divergence(settings.Anchor == Anchor.Clean ? all[0].detach() : all[0], all[1..]);
        WorstViews worst = new Objective(settings).SelectWorst(rows, Of(all[0]).detach(), settings.Estimator.NeedsDistributions ? divergence.detach() : views.detach());
        Assert.Equal(K, worst.View.Distinct().Count());
        return new(rows, Of(clean))
        {
            Old_NT = old,
            Reference_NT = Of(reference),
            ReferenceDivergence_NT = settings.Policy.ReferenceEstimator.NeedsDistributions ? settings.Policy.ReferenceEstimator.Divergence(clean, reference) : null,
            Views_KNT = selected ? worst.Gather(views).unsqueeze(0) : views,
            ViewDivergence_KNT = !settings.Estimator.NeedsDistributions ? null : selected ? worst.Gather(divergence).unsqueeze(0) : divergence,
            Auxiliary_NT = WorstViews.Gather(views, settings.View == AuxiliaryView.Worst ? worst.View : Drawn),
            Entropy_NT = TokenEntropy.Of(clean),
        };
    }

    private static Trajectories Rows()
    {
        (var mask, double[,] advantage) = (new bool[N, T], new double[N, T]);
        for (int i = 0; i < N; i++)
            for (int t = 0; t < T; t++)
                (mask[i, t], advantage[i, t]) = (t < Lengths[i], Advantage[i]);
        return new([0, 0, 0, 0, 1, 1, 1], Accuracy, Accuracy, Scorable, mask) { Advantage = advantage };
    }

    private static double[,,,] LogSoftmax(double[] logits)
    {
        var scores = new double[logits.Length / (N * T * V), N, T, V];
        for (int start = 0; start < logits.Length; start += V)
        {
            double sum = Math.Log(logits.AsSpan(start, V).ToArray().Sum(Math.Exp));
            for (int v = 0; v < V; v++)
                scores[start / (N * T * V), start / (T * V) % N, start / V % T, v] = logits[start + v] - sum;
        }
        return scores;
    }

    private static IEnumerable<TContract> All<TContract>() where TContract : class =>
        Json.Variants(typeof(TContract)).Select(type => Json.Named<TContract>(NameOf(type), JsonDocument.Parse($$"""{"constant": 6, "views": {{K}}}""").RootElement));

    private static string Name(object variant) => NameOf(variant.GetType());

    private static string NameOf(Type type) => type.GetCustomAttribute<NameAttribute>()!.Name;

    private static KeyValuePair<string, ObjectiveSettings> Case(string name, ObjectiveSettings settings) => new(name, settings);
}
