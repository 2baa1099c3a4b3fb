using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

/// <summary>A batch made by hand: two prompts with two responses of two tokens each, on two views. Each switch of ROMA changes what it says and nothing else.</summary>
public sealed class SwitchTests : IDisposable
{
    private const double Tokens = 8;
    private static readonly double[] Clean = [-1, -2, -1.5, -0.5, -0.2, -3, -2.5, -1];

    // Response 0 suffers most under view 1, 1 under view 0, 2 under view 1; of response 3 one token suffers under each view, view 0 a little more.
    private static readonly double[] First = [-1.1, -2.1, -2.5, -1.5, -0.3, -3.1, -4, -1], Second = [-2.2, -3, -1.6, -0.6, -1.2, -4, -2.5, -2.3];
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void The_gate_lets_right_responses_in_and_the_denominator_stays()
    {
        double[] of = [D(0, 1) + D(1, 1), D(2, 0) + D(3, 0), D(4, 1) + D(5, 1), D(6, 0) + D(7, 0)];
        Assert.Equal((of[0] + of[3]) / Tokens, Kl(new RomaMethod(2)), 12); // responses 0 and 3 are right
        Assert.Equal(of.Sum() / Tokens, Kl(new RomaMethod(2, Gate: Gate.None)), 12);
        Assert.Equal(of.Sum() / Tokens, Kl(new RomaMethod(2, Tau: 0)), 12);
        Assert.Equal((of[0] + of[2] + of[3]) / Tokens, Kl(new RomaMethod(2, Tau: 0.5)), 12);
    }

    [Fact]
    public void The_worst_case_is_a_trajectorys_a_tokens_or_the_mean()
    {
        double[] gated = [0, 1, 6, 7];
        Assert.Equal([1, 0, 1, 0], new Objective(new RomaMethod(2).Objective).SelectWorst(Rows(), Log(Clean), Views()).View);
        Assert.Equal(gated.Sum(t => Math.Max(D((int)t, 0), D((int)t, 1))) / Tokens, Kl(new RomaMethod(2, WorstCase: new TokenWorstCase())), 12);
        Assert.Equal(gated.Sum(t => (D((int)t, 0) + D((int)t, 1)) / 2) / Tokens, Kl(new RomaMethod(2, WorstCase: new MeanWorstCase())), 12);
        Assert.NotEqual(Kl(new RomaMethod(2)), Kl(new RomaMethod(2, WorstCase: new TokenWorstCase())));
        WorstViews each = new Objective(new RomaMethod(2).Objective).SelectWorst(Rows(), Log(Clean), Views());
        Assert.Equal([1, 1, 1, 1], each.Shared([0, 0, 1, 1]).View); // D of the responses summed: view 1 is the worse one for both prompts
    }

    [Fact]
    public void A_clean_anchor_moves_the_view_alone_and_a_joint_one_both()
    {
        foreach (Anchor anchor in new[] { Anchor.Clean, Anchor.Joint })
        {
            Tensor clean = Log(Clean).requires_grad_(), views = Views().requires_grad_();
            ObjectiveSettings settings = new RomaMethod(2, Anchor: anchor, LambdaPg: 0).Objective with { LambdaClean = 0 };
            Compute(settings, clean, views, null).Loss.backward();
            double[] moved = [.. views.grad!.data<double>()];
            Assert.Equal(0.5 * (Math.Exp(Second[0] - Clean[0]) - 1) / Tokens, moved[8], 12); // response 0, view 1; d D / d l_k = exp(u) - 1
            Assert.Equal(0, moved[0]); // its better view
            Assert.All(moved[10..14], x => Assert.Equal(0, x)); // responses 1 and 2 are wrong
            double[] held = clean.grad is { } grad ? [.. grad.data<double>()] : new double[8];
            Assert.Equal(anchor == Anchor.Joint ? -moved[8] : 0, held[0], 12);
        }
    }

    [Fact]
    public void The_auxiliary_view_gets_the_clean_advantages()
    {
        Tensor auxiliary = Log(Second).requires_grad_();
        Trajectories rows = Rows();
        ObjectiveResult clipped = Compute(new RomaMethod(2, LambdaKl: 0).Objective, Log(Clean), null, auxiliary);
        double[] ratio = [.. Second.Select((l, t) => Math.Exp(l - Clean[t]))];
        double expected = Enumerable.Range(0, 8).Sum(t => rows.Advantage![t / 2, t % 2] is var a && a > 0 ? -a * Math.Min(ratio[t], 1.28) : -a * Math.Max(ratio[t], 0.8)) / Tokens;
        Assert.Equal(expected, clipped.Terms["pg"], 10);
        clipped.Loss.backward();
        Assert.Equal(-0.2 * ratio[1] * rows.Advantage![0, 1] / Tokens, auxiliary.grad!.data<double>()[1], 10);
        ObjectiveResult plain = Compute(new RomaMethod(2, LambdaKl: 0, Surrogate: new LogProbLoss()).Objective, Log(Clean), null, Log(Second));
        Assert.Equal(Enumerable.Range(0, 8).Sum(t => -rows.Advantage[t / 2, t % 2] * Second[t]) / Tokens, plain.Terms["pg"], 10);
        Assert.Equal(clipped.Terms["clean"], plain.Terms["clean"]);
    }

    [Fact]
    public void An_unscorable_response_is_outside_of_everything()
    {
        Trajectories all = Rows(unscorable: 1), rest = Rows().Rows([0, 2, 3]);
        Assert.Equal(0, all.Advantage![0, 0]); // alone in its group
        Assert.Equal(0, all.Advantage[1, 1]);
        ObjectiveSettings settings = new RomaMethod(2, Gate: Gate.None).Objective;
        StepDenominators step = new Objective(settings).DenominatorsOf(all);
        Assert.Equal((6L, 3), (step.Tokens, step.Sequences));
        ObjectiveResult with = Compute(settings, Log(Clean), Views(), Log(Second), all);
        Tensor Kept(Tensor values) => values.index_select(values.dim() - 2, tensor(new long[] { 0, 2, 3 }));
        Trajectories alone = rest with { Advantage = all.Rows([0, 2, 3]).Advantage };
        ObjectiveResult without = Compute(settings, Kept(Log(Clean)), Kept(Views()), Kept(Log(Second)), alone);
        foreach (string term in new[] { "clean", "kl", "pg", "gate_rate", "total" }.Intersect(without.Terms.Keys))
            Assert.Equal(without.Terms[term], with.Terms[term], 12);
        Assert.Equal(without.Loss.item<double>(), with.Loss.item<double>(), 12);
    }

    private static double D(int token, int view) => (view == 0 ? First : Second)[token] - Clean[token] is var u ? Math.Exp(u) - u - 1 : 0;

    private static Tensor Log(double[] values) => tensor(values, [4, 2], float64);

    private static Tensor Views() => stack([Log(First), Log(Second)]);

    private static Trajectories Rows(int? unscorable = null)
    {
        bool[,] mask = { { true, true }, { true, true }, { true, true }, { true, true } };
        double[] reward = [1, 0, 0.5, 1];
        var rows = new Trajectories([0, 0, 1, 1], reward, reward, [.. reward.Select((_, i) => i != unscorable)], mask);
        return rows with { Advantage = new GrpoAdvantage().Compute(rows) };
    }

    private static double Kl(RomaMethod method) => Compute(method.Objective with { LambdaPg = 0 }, Log(Clean), Views(), null).Terms["kl"];

    private static ObjectiveResult Compute(ObjectiveSettings settings, Tensor clean, Tensor? views, Tensor? auxiliary, Trajectories? rows = null)
    {
        var objective = new Objective(settings);
        rows ??= Rows();
        return objective.Compute(new ObjectiveInput(rows, clean) { Views_KNT = views, Auxiliary_NT = auxiliary }, objective.DenominatorsOf(rows));
    }
}
