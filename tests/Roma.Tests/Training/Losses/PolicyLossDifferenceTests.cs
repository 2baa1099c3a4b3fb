using Roma.Training.Advantages;
using Roma.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Losses;

public class PolicyLossDifferenceTests
{
    private const int T = 3;

    // Either side of the clamp of the log-ratio, of the clip range, and of the dual clip.
    private static readonly double[] LogRatios = [-20.5, -19.5, -1, -0.1, 0.1, 0.5, 1.5, 19.5, 20.5];

    public static TheoryData<Type, double, double?> Cases
    {
        get
        {
            var cases = new TheoryData<Type, double, double?>();
            foreach (Type loss in Json.Variants(typeof(IPolicyLoss)))
            {
                cases.Add(loss, 0.2, 3);
                cases.Add(loss, 0.3, null);
                cases.Add(loss, 1, null);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_policy_loss_has_the_value_and_the_gradient_of_its_formula_on_either_side_of_every_bound(Type type, double clipLow, double? dualClip)
    {
        using DisposeScope scope = NewDisposeScope();
        var settings = new ObjectiveSettings { Policy = new((IPolicyLoss)Activator.CreateInstance(type)!, clipLow, DualClip: dualClip) };
        (Trajectories rows, double[,] now, double[,] old) = Batch();
        using Tensor l = tensor(now).requires_grad_(), constant = tensor(old);
        for (int i = 0; i < rows.Count; i++)
        {
            // A response is a step of its own, that a ratio of e^20 does not drown the others.
            Trajectories row = rows.Rows([i]);
            var objective = new Objective(settings);
            ObjectiveResult result = objective.Compute(new(row, l[i..(i + 1)]) { Old_NT = constant[i..(i + 1)] }, objective.DenominatorsOf(row));
            result.Loss.backward();
            double[] at = [.. Enumerable.Range(0, T).Select(t => now[i, t])], gradient = l.grad![i].data<double>().ToArray();
            var hand = new ObjectiveByHand(settings, row, new int[1, T], Row([.. Enumerable.Range(0, T).Select(t => old[i, t])]));
            double value = hand.Compute(Table(at), Table(at))["total"];
            Assert.Equal(value, result.Loss.item<double>(), 1e-10 * Math.Max(1, Math.Abs(value)));
            Differences.AssertEqual(Differences.Of(x => hand.Compute(Table(x), Table(at))["total"], at), gradient);
        }
    }

    /// <summary>One to three tokens a response around each log-ratio, each with an advantage below and above 0; padding holds a ratio of its own.</summary>
    private static (Trajectories Rows, double[,] Now, double[,] Old) Batch()
    {
        int count = 2 * LogRatios.Length;
        double[] around = [0.03, -0.05, 0.01];
        (var mask, double[,] now, double[,] old, double[,] advantage) = (new bool[count, T], new double[count, T], new double[count, T], new double[count, T]);
        for (int i = 0; i < count; i++)
            for (int t = 0; t < T; t++)
            {
                mask[i, t] = t <= i % T;
                now[i, t] = -1 - 0.3 * t - 0.01 * i;
                old[i, t] = now[i, t] - (mask[i, t] ? LogRatios[i / 2] + around[t] : 0.7);
                advantage[i, t] = i % 2 == 0 ? -1.3 : 0.7;
            }
        return (new Trajectories(new int[count], new double[count], new double[count], [.. Enumerable.Repeat(true, count)], mask) { Advantage = advantage }, now, old);
    }

    private static double[,] Row(double[] values)
    {
        var row = new double[1, values.Length];
        for (int t = 0; t < values.Length; t++)
            row[0, t] = values[t];
        return row;
    }

    private static double[,,,] Table(double[] values)
    {
        var table = new double[1, 1, values.Length, 1];
        for (int t = 0; t < values.Length; t++)
            table[0, 0, t, 0] = values[t];
        return table;
    }
}
