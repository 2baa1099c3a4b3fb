using Roma.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Losses;

public class KlEstimatorDifferenceTests
{
    public static TheoryData<Type> Estimators => [.. Json.Variants(typeof(IKlEstimator)).Where(type => !((IKlEstimator)Activator.CreateInstance(type)!).NeedsDistributions)];

    [Theory]
    [MemberData(nameof(Estimators))]
    public void A_log_ratio_has_an_upper_bound_of_20_and_no_lower_one(Type type)
    {
        using DisposeScope scope = NewDisposeScope();
        var estimator = (IKlEstimator)Activator.CreateInstance(type)!;
        foreach (double u in (double[])[-25, -19.5, -3, -0.01, 0, 0.4, 3, 19.5, 20.5, 30])
        {
            double[] at = [-31 - u / 3, -31 + 2 * u / 3];
            Tensor p = tensor(at[0], float64).requires_grad_(), q = tensor(at[1], float64).requires_grad_();
            Tensor value = estimator.Divergence(p, q);
            value.backward();
            double expected = ObjectiveByHand.Divergence(estimator, [at[0]], [at[1]], 0);
            Assert.Equal(expected, value.item<double>(), 1e-10 * Math.Max(1, Math.Abs(expected)));
            Differences.AssertEqual(Differences.Of(x => ObjectiveByHand.Divergence(estimator, [x[0]], [x[1]], 0), at), [p.grad!.item<double>(), q.grad!.item<double>()]);
        }
    }
}
