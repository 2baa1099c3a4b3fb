using Roma.Tests.Training.Losses;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

public class ObjectiveTests
{
    private const int N = 6, T = 5, K = 3;

    public static TheoryData<Type> KlEstimators => [.. Json.Variants(typeof(IKlEstimator))];

    public static TheoryData<Type> WorstCases => [.. Json.Variants(typeof(IWorstCase))];

    [Theory]
    [MemberData(nameof(KlEstimators))]
    public void Divergence_has_the_gradient_of_its_value_and_vanishes_for_equal_views(Type type)
    {
        using DisposeScope scope = NewDisposeScope();
        var estimator = (IKlEstimator)Activator.CreateInstance(type)!;
        Tensor p = Random(3).log_softmax(-1).requires_grad_(), q = Random(4).log_softmax(-1).requires_grad_();
        estimator.Divergence(p, q).sum().backward();
        CheckDifferences(p.detach(), p.grad!, x => estimator.Divergence(x, q).sum());
        CheckDifferences(q.detach(), q.grad!, x => estimator.Divergence(p, x).sum());
        Assert.Equal(0, estimator.Divergence(p, p).abs().max().item<double>());
    }

    [Theory]
    [MemberData(nameof(WorstCases))]
    public void Worst_case_has_the_gradient_of_its_value(Type type)
    {
        using DisposeScope scope = NewDisposeScope();
        var worst = (IWorstCase)Activator.CreateInstance(type)!;
        Tensor divergence = rand([K, N, T], float64, generator: new Generator(5)).requires_grad_(), mean = full(N, T, 1.0 / T, float64);
        worst.Reduce(divergence, mean).sum().backward();
        CheckDifferences(divergence.detach(), divergence.grad!, d => worst.Reduce(d, mean).sum());
    }

    [Theory]
    [MemberData(nameof(WorstCases))]
    public void Clean_copies_as_views_add_exactly_nothing(Type type)
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor clean, Tensor old) = (Rows(), Random(6, gradient: true), Random(7));
        foreach (Type estimator in Json.Variants(typeof(IKlEstimator)).Where(estimator => !((IKlEstimator)Activator.CreateInstance(estimator)!).NeedsDistributions))
        {
            var objective = new Objective(new ObjectiveSettings { LambdaKl = 1, WorstCase = (IWorstCase)Activator.CreateInstance(type)!, Estimator = (IKlEstimator)Activator.CreateInstance(estimator)! });
            Tensor views = stack([clean.detach(), clean.detach(), clean.detach()]);
            ObjectiveResult result = objective.Compute(new ObjectiveInput(rows, clean) { Old_NT = old, Views_KNT = views }, objective.DenominatorsOf(rows));
            Assert.Equal(0, result.Terms["kl"]);
            Assert.Equal(result.Terms["clean"], result.Terms["total"]);
            Assert.Equal(new int[N], objective.SelectWorst(rows, clean, views).View);
        }
    }

    [Fact]
    public void With_everything_off_roma_is_grpo_to_the_last_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        Trajectories rows = Rows();
        IMethod[] methods = [new GrpoMethod(), new RomaMethod(Views: 0), new RomaMethod(LambdaKl: 0, LambdaPg: 0), new RomaMethod(LambdaKl: 0, LambdaPg: 0, WorstCase: new MeanWorstCase(), Gate: Gate.None, Anchor: Anchor.Joint)];
        List<float[]> results = [];
        foreach (IMethod method in methods)
        {
            Tensor clean = Random(8).to(float32).requires_grad_(), views = rand([K, N, T], generator: new Generator(9)).requires_grad_();
            var objective = new Objective(method.Objective);
            var input = new ObjectiveInput(rows, clean) { Old_NT = Random(10).to(float32) };
            if (method.Views > 0)
                input = input with { Views_KNT = views, Auxiliary_NT = views[0] };
            ObjectiveResult result = objective.Compute(input, objective.DenominatorsOf(rows));
            result.Loss.backward();
            Assert.Null(views.grad);
            results.Add([result.Loss.item<float>(), .. clean.grad!.data<float>().ToArray()]);
        }
        Assert.NotEqual(0, results[0][0]);
        Assert.All(results, result => Assert.Equal(results[0].Select(BitConverter.SingleToInt32Bits), result.Select(BitConverter.SingleToInt32Bits)));
    }

    [Fact]
    public void First_update_needs_no_old_log_probabilities()
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor clean) = (Rows(), Random(11, gradient: true));
        var objective = new Objective(new GrpoMethod().Objective);
        ObjectiveResult implied = objective.Compute(new ObjectiveInput(rows, clean), objective.DenominatorsOf(rows)), given = objective.Compute(new ObjectiveInput(rows, clean) { Old_NT = clean.detach() }, objective.DenominatorsOf(rows));
        Assert.Equal(given.Terms, implied.Terms);
        Assert.Equal((1, 0, 0), (Math.Round(implied.Terms["ratio_mean"], 12), implied.Terms["clip_fraction"], implied.MaxRatioDeviation));
    }

    [Fact]
    public void Imitation_averages_as_its_aggregation_says()
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor clean, Tensor view) = (Rows(), Random(17), Random(18));
        double[] l = clean.data<double>().ToArray(), lk = view.data<double>().ToArray();
        IAggregation bySequence = new SequenceMeanAggregation(), byConstant = new ConstantAggregation(7);
        foreach (IAggregation aggregation in new[] { bySequence, byConstant })
        {
            Assert.Equal(Mean(l, [0, 1, 2, 3, 5]), Compute(new SftMethod(aggregation)), 1e-12);
            Assert.Equal((Mean(l, [0, 3]) + Mean(lk, [0, 3])) / 2, Compute(new FilteredViewsMethod(1, Aggregation: aggregation)), 1e-12); // the right ones

            double Mean(double[] of, int[] kept) => kept.Average(i => Enumerable.Range(0, T - i % 3).Sum(t => -of[i * T + t]) / (aggregation == bySequence ? T - i % 3 : 7));
        }

        double Compute(IMethod method)
        {
            var objective = new Objective(method.Objective);
            return objective.Compute(new ObjectiveInput(rows, clean) { Auxiliary_NT = method.Views > 0 ? view : null }, objective.DenominatorsOf(rows)).Terms["total"];
        }
    }

    [Fact]
    public void Ratio_statistics_count_what_a_loop_counts()
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor clean, Tensor old) = (Rows(), Random(12), Random(13));
        var objective = new Objective(new GrpoMethod().Objective);
        ObjectiveResult result = objective.Compute(new ObjectiveInput(rows, clean.requires_grad_()) { Old_NT = old }, objective.DenominatorsOf(rows));
        double[] l = clean.data<double>().ToArray(), lold = old.data<double>().ToArray();
        List<double> ratios = [];
        int clipped = 0;
        for (int i = 0; i < N * T; i++)
        {
            if (!rows.Scorable[i / T] || !rows.Mask[i / T, i % T])
                continue;
            double ratio = Math.Exp(l[i] - lold[i]);
            ratios.Add(ratio);
            clipped += rows.Advantage![i / T, i % T] < 0 ? ratio is < 0.8 or > 3 ? 1 : 0 : ratio > 1.28 ? 1 : 0;
        }
        Assert.InRange(clipped, 1, ratios.Count - 1);
        Assert.Equal(ratios.Average(), result.Terms["ratio_mean"], 1e-12);
        Assert.Equal((double)clipped / ratios.Count, result.Terms["clip_fraction"], 1e-12);
        Assert.Equal(ratios.Max(ratio => Math.Abs(ratio - 1)), result.MaxRatioDeviation, 1e-12);
    }

    [Fact]
    public void A_weight_without_its_input_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Trajectories rows = Rows();
        foreach (ObjectiveSettings settings in (ObjectiveSettings[])[new() { LambdaKl = 1 }, new() { LambdaPg = 1 }, new() { Policy = new(Beta: 1) }, new() { Policy = new(Entropy: 1) }])
            Assert.Throws<ArgumentException>(() => new Objective(settings).Compute(new ObjectiveInput(rows, Random(14, gradient: true)), default));
    }

    [Fact]
    public void Computing_leaves_one_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        (Trajectories rows, Tensor clean, Tensor views) = (Rows(), Random(15, gradient: true), rand([K, N, T], float64, generator: new Generator(16)));
        var objective = new Objective(new RomaMethod().Objective);
        var input = new ObjectiveInput(rows, clean) { Views_KNT = views, Auxiliary_NT = views.select(0, 0) };
        long before = scope.DisposablesCount;
        objective.Compute(input, objective.DenominatorsOf(rows));
        objective.SelectWorst(rows, clean, views);
        Assert.Equal(before + 1, scope.DisposablesCount);
    }

    private static Tensor Random(int seed, bool gradient = false) => rand([N, T], float64, generator: new Generator((ulong)seed)).sub(1).requires_grad_(gradient);

    private static Trajectories Rows()
    {
        var mask = new bool[N, T];
        for (int i = 0; i < N; i++)
        {
            for (int t = 0; t < T - i % 3; t++)
                mask[i, t] = true;
        }
        var rows = new Trajectories([0, 0, 0, 1, 1, 1], [1, 0, 0.5, 1, 0, 0], [1, 0, 0, 1, 0, 0], [true, true, true, true, false, true], mask);
        return rows with { Advantage = new GrpoAdvantage().Compute(rows) };
    }

    private static void CheckDifferences(Tensor at, Tensor gradient, Func<Tensor, Tensor> value)
    {
        using var _ = no_grad();
        double[] expected = gradient.data<double>().ToArray();
        Assert.Contains(expected, slope => slope != 0);
        Differences.AssertEqual(Differences.Of(x => value(tensor(x, at.shape)).item<double>(), at.data<double>().ToArray()), expected);
    }
}
