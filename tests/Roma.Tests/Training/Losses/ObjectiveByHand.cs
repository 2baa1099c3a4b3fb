using Roma.Training.Advantages;
using Roma.Training.Losses;

namespace Roma.Tests.Training.Losses;

/// <summary>The formulas of every method as loops over doubles. Log-probabilities [1 + K, N, T, V] are of the clean view and of K corrupted ones.</summary>
internal sealed record ObjectiveByHand(ObjectiveSettings Settings, Trajectories Rows, int[,] Tokens, double[,] Old)
{
    /// <summary>Log-probabilities under the reference policy, [N, T, V].</summary>
    public double[,,]? Reference { get; init; }

    /// <summary>The corrupted view, from 0, that stands for a drawn one, [N].</summary>
    public int[] Drawn { get; init; } = new int[Rows.Count];

    /// <summary>The view that the policy loss is on: 0 is the clean one.</summary>
    public int LossView { get; init; }

    /// <summary>Whether a response has corrupted views, [N].</summary>
    public bool[]? Viewed { get; init; }

    /// <summary>The coefficient of the reference KL, where it has moved.</summary>
    public double Beta { get; init; } = Settings.Policy.Beta;

    /// <summary>The terms that have a weight, and <c>total</c>.</summary>
    /// <param name="now">The scores.</param>
    /// <param name="held">The scores that stand for them under a stop-gradient.</param>
    public Dictionary<string, double> Compute(double[,,,] now, double[,,,] held)
    {
        int[] counted = [.. Enumerable.Range(0, Rows.Count).Where(i => Places(i).Length > 0 && Passes(Settings.Filter, i))];
        double tokens = counted.Sum(i => Places(i).Length);
        double Weight(int i) => Settings.Policy.Aggregation switch
        {
            TokenMeanAggregation => 1 / tokens,
            SequenceMeanAggregation => 1.0 / Places(i).Length / counted.Length,
            ConstantAggregation { Constant: var length } => 1 / length / counted.Length,
            _ => throw new NotSupportedException(),
        };
        var terms = new Dictionary<string, double>();
        double total = 0;
        void Add(string name, double weight, Func<int, double> sumOverTokens)
        {
            if (weight == 0)
                return;
            terms[name] = counted.Sum(i => Weight(i) * sumOverTokens(i));
            total += weight * terms[name];
        }
        Add("clean", Settings.LambdaClean, i => Policy(Settings.Policy.Loss, i, now, held, LossView));
        Add("kl", Settings.LambdaKl, i => Passes(Settings.Gate, i) && Seen(i) ? Consistency(i, now, held) : 0);
        Add("pg", Settings.LambdaPg, i => Seen(i) ? Policy(Settings.Surrogate, i, now, held, 1 + Auxiliary(i, held)) : 0);
        Add("reference_kl", Beta, i => Places(i).Sum(t => Divergence(Settings.Policy.ReferenceEstimator, Distribution(now, LossView, i, t), [.. Vocabulary(now).Select(v => Reference![i, t, v])], Tokens[i, t])));
        Add("entropy", -Settings.Policy.Entropy, i => Places(i).Sum(t => -Distribution(now, LossView, i, t).Sum(l => Math.Exp(l) * l)));
        terms["total"] = total;
        return terms;
    }

    /// <summary>The view with the largest mean divergence, from 0.</summary>
    public int Worst(int i, double[,,,] held) => Enumerable.Range(0, held.GetLength(0) - 1).MaxBy(k => Places(i).Average(t => OfView(i, t, k, held, held)));

    /// <summary>An estimate of KL(p || q) at a token.</summary>
    public static double Divergence(IKlEstimator estimator, double[] p, double[] q, int token)
    {
        double u = Math.Min(q[token] - p[token], 20);
        return estimator switch
        {
            K1Estimator => -u,
            K2Estimator => u * u / 2,
            K3Estimator => Math.Exp(u) - u - 1,
            FullKlEstimator => p.Zip(q).Sum(pair => Math.Exp(pair.First) * (pair.First - pair.Second)),
            _ => throw new NotSupportedException(),
        };
    }

    private static IEnumerable<int> Vocabulary(double[,,,] scores) => Enumerable.Range(0, scores.GetLength(3));

    private static double[] Distribution(double[,,,] scores, int view, int i, int t) => [.. Vocabulary(scores).Select(v => scores[view, i, t, v])];

    private static double Ratio(double logRatio) => Math.Exp(Math.Max(-20, Math.Min(20, logRatio)));

    private int[] Places(int i) => [.. Enumerable.Range(0, Rows.Length).Where(t => Rows.Mask[i, t])];

    private bool Seen(int i) => Viewed is null || Viewed[i];

    private bool Passes(Gate gate, int i) => Rows.Scorable[i] && (gate == Gate.None || Rows.Accuracy[i] >= Settings.Tau);

    private int Auxiliary(int i, double[,,,] held) => Settings.View == AuxiliaryView.Worst ? Worst(i, held) : Drawn[i];

    private double OfView(int i, int t, int k, double[,,,] now, double[,,,] anchor) => Divergence(Settings.Estimator, Distribution(anchor, 0, i, t), Distribution(now, 1 + k, i, t), Tokens[i, t]);

    private double Consistency(int i, double[,,,] now, double[,,,] held)
    {
        int worst = Settings.WorstCase is TrajectoryWorstCase ? Worst(i, held) : 0;
        return Places(i).Sum(t =>
        {
            double[] views = [.. Enumerable.Range(0, now.GetLength(0) - 1).Select(k => OfView(i, t, k, now, Settings.Anchor == Anchor.Clean ? held : now))];
            return Settings.WorstCase switch
            {
                TrajectoryWorstCase => views[worst],
                TokenWorstCase => views.Max(),
                MeanWorstCase => views.Average(),
                _ => throw new NotSupportedException(),
            };
        });
    }

    private double Policy(IPolicyLoss loss, int i, double[,,,] now, double[,,,] held, int view)
    {
        double LogProb(double[,,,] scores, int t) => scores[view, i, t, Tokens[i, t]];
        double mean = Places(i).Average(t => LogProb(now, t) - Old[i, t]);
        return Places(i).Sum(t =>
        {
            (double a, double l) = (Rows.Advantage![i, t], LogProb(now, t));
            return loss switch
            {
                ClippedLoss => Surrogate(a, Ratio(l - Old[i, t])),
                GspoLoss => Surrogate(a, Ratio(mean)),
                CispoLoss => -a * l * Clipped(Ratio(LogProb(held, t) - Old[i, t])),
                LogProbLoss => -a * l,
                CrossEntropyLoss => -l,
                _ => throw new NotSupportedException(),
            };
        });
    }

    private double Clipped(double ratio) => Math.Max(1 - Settings.Policy.ClipLow, Math.Min(1 + Settings.Policy.ClipHigh, ratio));

    private double Surrogate(double a, double ratio)
    {
        double pessimistic = Math.Max(-a * ratio, -a * Clipped(ratio));
        return a < 0 && Settings.Policy.DualClip is { } dual ? Math.Min(pessimistic, -a * dual) : pessimistic;
    }
}
