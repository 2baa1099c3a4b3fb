using System.Text.Json;
using Roma.Evaluation.Statistics;

namespace Roma.Tests.Evaluation;

/// <summary>Every group of statistics.json; a group or an output that is not known here fails.</summary>
public class StatisticsGoldenTests
{
    private const string File = "statistics.json", Absent = "absent: " + File;
    private const int Resamples = 100_000;

    public static TheoryData<string> Groups()
    {
        string path = Path.Combine(Golden.Root, File);
        return System.IO.File.Exists(path) ? [.. Read(path).Select(g => g.GetProperty("name").GetString()!)] : [Absent];
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Groups))]
    public void EveryCaseAgrees(string name)
    {
        Skip.If(name == Absent, $"No {File} under {Golden.Root}.");
        JsonElement group = Read(Path.Combine(Golden.Root, File)).Single(g => g.GetProperty("name").GetString() == name);
        Assert.NotEqual(0, group.GetProperty("cases").GetArrayLength());
        var faults = new List<string>();
        foreach (JsonElement golden in group.GetProperty("cases").EnumerateArray())
        {
            Dictionary<string, object> actual = Compute(name, golden.GetProperty("inputs"), golden.GetProperty("outputs"));
            foreach (JsonProperty output in golden.GetProperty("outputs").EnumerateObject())
                if (!actual.TryGetValue(output.Name, out object? value))
                    faults.Add($"{output.Name} is not computed");
                else if (!Agrees(name, output.Name, output.Value, value))
                    faults.Add($"{golden.GetProperty("inputs").GetRawText()}: {output.Name} {value:R}, reference {output.Value.GetRawText()}");
        }
        Assert.True(faults.Count == 0, $"{faults.Count} differ:\n{string.Join('\n', faults.Take(20))}");
    }

    private static Dictionary<string, object> Compute(string group, JsonElement input, JsonElement output)
    {
        double D(string key) => input.GetProperty(key).GetDouble();
        int I(string key) => input.GetProperty(key).GetInt32();
        string[] Letters(string key) => [.. input.GetProperty(key).GetString()!.Select(c => $"{c}")];
        double[] List(string key) => Doubles(input.GetProperty(key));
        Dictionary<string, double[]> Map(string key) => input.GetProperty(key).EnumerateObject().ToDictionary(p => p.Name, p => Doubles(p.Value));
        switch (group)
        {
            case "normal_quantile": return new() { ["z"] = Normal.Quantile(D("p")) };
            case "normal_cdf": return new() { ["p"] = Normal.Cdf(D("x")) };
            case "student_t_quantile": return new() { ["t"] = StudentT.Quantile(D("p"), D("df")) };
            case "beta_quantile": return new() { ["x"] = Beta.Quantile(D("p"), D("a"), D("b")) };
            case "wilson": return Limits(new Proportion(I("k"), I("n")).Wilson(D("level")));
            case "clopper_pearson": return Limits(new Proportion(I("k"), I("n")).ClopperPearson(D("level")));
            case "mcnemar_exact": return new() { ["p"] = McNemar.Exact(I("b"), I("c")) };
            case "mcnemar_midp": return new() { ["p"] = McNemar.MidP(I("b"), I("c")) };
            case "mcnemar_chi2":
                ((double chi2, double p), (double corrected, double pCorrected)) = (McNemar.ChiSquared(I("b"), I("c")), McNemar.ChiSquared(I("b"), I("c"), corrected: true));
                return new() { ["chi2"] = chi2, ["p"] = p, ["chi2_corrected"] = corrected, ["p_corrected"] = pCorrected };
            case "holm": return Adjusted(MultipleTesting.Holm(List("p")), D("alpha"));
            case "benjamini_hochberg": return Adjusted(MultipleTesting.BenjaminiHochberg(List("p")), D("alpha"));
            case "newcombe_paired":
                var pairs = new PairedCounts(I("a"), I("b"), I("c"), I("d"));
                return new(Limits(Newcombe.Paired(pairs, D("level")))) { ["difference"] = pairs.Difference, ["phi"] = Newcombe.Phi(pairs) };
            case "newcombe_unpaired":
                (Proportion first, Proportion second) = (new(I("k1"), I("n1")), new(I("k2"), I("n2")));
                return new(Limits(Newcombe.Unpaired(first, second, D("level")))) { ["difference"] = first.Value - second.Value };
            case "clustered_se":
                var mean = ClusteredMean.Of([.. List("cluster")], List("difference"));
                (Interval z, Interval t) = (mean.NormalInterval(), mean.TInterval());
                return new()
                {
                    ["mean"] = mean.Mean, ["se_clustered"] = mean.StandardError, ["se_clustered_corrected"] = mean.CorrectedStandardError,
                    ["se_independent"] = mean.IndependentStandardError, ["low_z"] = z.Low, ["high_z"] = z.High, ["low_t"] = t.Low, ["high_t"] = t.High,
                };
            case "cluster_bootstrap_exact":
                var bootstrap = new ClusterBootstrap([.. input.GetProperty("clusters").EnumerateArray().Select(Doubles)], Resamples, seed: 1);
                return new()
                {
                    ["observed"] = bootstrap.Observed, ["low95"] = bootstrap.Interval(0.95).Low, ["high95"] = bootstrap.Interval(0.95).High,
                    ["low90"] = bootstrap.Interval(0.9).Low, ["high90"] = bootstrap.Interval(0.9).High,
                    ["bootstrap_mean"] = (bootstrap.Mean, MonteCarlo(output, 1)), ["bootstrap_se"] = (bootstrap.StandardError, MonteCarlo(output, 2)),
                    ["p_le_zero"] = (bootstrap.ShareAtMost(0), Binomial(output, "p_le_zero")), ["p_ge_zero"] = (bootstrap.ShareAtLeast(0), Binomial(output, "p_ge_zero")),
                    ["support"] = output.GetProperty("support"), ["weight"] = output.GetProperty("weight"), // of the enumeration: they give the Monte-Carlo errors
                };
            case "mce":
                var error = CorruptionError.Of(D("clean_error"), Map("error"), D("baseline_clean_error"), Map("baseline_error"));
                return new() { ["ce"] = error.Ce, ["mce"] = error.MeanCe, ["mce_percent"] = 100 * error.MeanCe, ["relative_ce"] = error.RelativeCe, ["relative_mce"] = error.MeanRelativeCe };
            case "retention":
                var kept = Retention.Of(D("clean_accuracy"), [.. input.GetProperty("accuracy").EnumerateArray().Select(Doubles)], D("chance"));
                return new()
                {
                    ["mca"] = kept.MeanAccuracy, ["drop"] = kept.Drop, ["retention"] = kept.Ratio, ["retention_chance_corrected"] = kept.ChanceCorrected,
                    ["worst_cell"] = kept.WorstCell, ["worst_corruption"] = kept.WorstCorruption,
                };
            case "seen_unseen_gap":
                (double seen, double unseen, double gap) = Retention.SeenUnseen(D("clean_accuracy"), List("seen"), List("unseen"));
                return new() { ["drop_seen"] = seen, ["drop_unseen"] = unseen, ["gap"] = gap };
            case "flip_rates":
                var flips = FlipRates.Of(Letters("gold"), Letters("clean"), Letters("corrupted"));
                return new()
                {
                    ["n"] = (double)flips.Total, ["flip_rate"] = flips.FlipRate, ["consistency"] = flips.Consistency, ["destructive"] = flips.Destructive, ["corrective"] = flips.Corrective,
                    ["wrong_to_other_wrong"] = flips.WrongToOtherWrong, ["clean_accuracy"] = flips.CleanAccuracy, ["corrupted_accuracy"] = flips.CorruptedAccuracy,
                };
            case "worst_case_accuracy":
                var worst = WorstCase.Of([.. input.GetProperty("correct").EnumerateArray().Select(row => Doubles(row).Select(v => v == 1).ToArray())]);
                return new() { ["mean"] = worst.Mean, ["worst_case"] = worst.AllRight, ["any_right"] = worst.AnyRight, ["worst_view"] = worst.WorstView };
            case "pass_at_k": return new() { ["pass_at_k"] = PassAtK.Estimate(I("n"), I("c"), I("k")) };
            case "mde_paired":
                return new()
                {
                    ["simple"] = PairedDesign.SimpleDetectableDifference(I("n"), D("discordant"), D("alpha"), D("power")),
                    ["connor"] = PairedDesign.DetectableDifference(I("n"), D("discordant"), D("alpha"), D("power")),
                };
            case "sample_size_paired":
                double size = PairedDesign.SampleSize(D("difference"), D("discordant"), D("alpha"), D("power"));
                return new() { ["n_exact"] = size, ["n"] = Math.Ceiling(size) };
            case "two_proportion_power":
                return new()
                {
                    ["cohen_h"] = TwoProportionPower.CohenH(D("p1"), D("p2")),
                    ["power_arcsine"] = TwoProportionPower.Arcsine(D("p1"), D("p2"), I("n1"), I("n2"), D("alpha")),
                    ["power_pooled"] = TwoProportionPower.Pooled(D("p1"), D("p2"), I("n1"), I("n2"), D("alpha")),
                };
            default: throw new InvalidOperationException($"No statistic is known for the golden group {group}.");
        }
    }

    private static bool Agrees(string group, string name, JsonElement expected, object actual) => (expected.ValueKind, actual) switch
    {
        (JsonValueKind.Null, double value) => double.IsNaN(value),
        (JsonValueKind.True or JsonValueKind.False, bool value) => expected.GetBoolean() == value,
        (JsonValueKind.Number, (double value, double tolerance)) => Math.Abs(value - expected.GetDouble()) <= tolerance,
        (JsonValueKind.Number, double value) => Math.Abs(value - expected.GetDouble()) <= Tolerance(group, name, Math.Abs(expected.GetDouble())),
        (JsonValueKind.Array, Array values) => expected.GetArrayLength() == values.Length && expected.EnumerateArray().Zip(values.Cast<object>()).All(p => Agrees(group, name, p.First, p.Second)),
        (JsonValueKind.Object, IReadOnlyDictionary<string, double> values) => values.Count == expected.EnumerateObject().Count()
            && expected.EnumerateObject().All(p => values.TryGetValue(p.Name, out double value) && Agrees(group, name, p.Value, value)),
        (JsonValueKind.Array, JsonElement) => true,
        _ => false,
    };

    private static double Tolerance(string group, string name, double reference) =>
        group is "student_t_quantile" or "beta_quantile" or "clopper_pearson" || name is "p" or "p_corrected" or "adjusted" or "connor" || name.StartsWith("power_", StringComparison.Ordinal)
            ? 1e-10 * reference
            : name == "n" ? 0 : 1e-12 * Math.Max(1, reference);

    /// <summary>Five Monte-Carlo standard errors of the mean (1) or the standard deviation (2) of the exact distribution.</summary>
    private static double MonteCarlo(JsonElement output, int moment)
    {
        (double[] support, double[] weight) = (Doubles(output.GetProperty("support")), Doubles(output.GetProperty("weight")));
        double total = weight.Sum(), mean = support.Zip(weight, (v, w) => v * w).Sum() / total;
        double Central(int k) => support.Zip(weight, (v, w) => w * Math.Pow(v - mean, k)).Sum() / total;
        double error = moment == 1 ? Math.Sqrt(Central(2)) : Math.Sqrt((Central(4) - Central(2) * Central(2)) / (4 * Central(2)));
        return 5 * error / Math.Sqrt(Resamples);
    }

    private static double Binomial(JsonElement output, string name)
    {
        double p = output.GetProperty(name).GetDouble();
        return 5 * Math.Sqrt(p * (1 - p) / Resamples);
    }

    private static Dictionary<string, object> Limits(Interval interval) => new() { ["low"] = interval.Low, ["high"] = interval.High };

    private static Dictionary<string, object> Adjusted(double[] p, double alpha) => new() { ["adjusted"] = p, ["reject"] = p.Select(v => v <= alpha).ToArray() };

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    private static IEnumerable<JsonElement> Read(string path) => [.. JsonDocument.Parse(System.IO.File.ReadAllText(path)).RootElement.GetProperty("groups").EnumerateArray()];
}
