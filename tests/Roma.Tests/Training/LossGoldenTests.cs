using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Corruptions.Noise;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Methods.Annealing;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

/// <summary>Every case of every golden losses file, values and gradients, in float64 and float32.</summary>
[Trait("Category", "Golden")]
public class LossGoldenTests
{
    private static readonly Dictionary<string, JsonElement> Documents = [];

    private static readonly Dictionary<string, Action<LossCase>> Kinds = new()
    {
        ["advantage"] = CheckAdvantage,
        ["grouping"] = CheckAdvantage,
        ["policy"] = CheckObjective,
        ["reference_kl"] = CheckObjective,
        ["entropy"] = CheckObjective,
        ["roma"] = CheckObjective,
        ["method"] = CheckMethod,
        ["micro_batch"] = CheckMicroBatches,
        ["controller"] = CheckController,
        ["schedule"] = CheckSchedule,
        ["levels"] = CheckLevels,
        ["shaping"] = CheckShaping,
    };

    public static TheoryData<string, string, ScalarType> Cases()
    {
        var rows = new TheoryData<string, string, ScalarType>();
        foreach (string file in Golden.Files("losses", "*.json").Select<object[], string>(row => (string)row[0]))
        {
            if (!File.Exists(Path.Combine(Golden.Root, file)))
            {
                rows.Add(file, "", ScalarType.Float64);
                continue;
            }
            foreach (string id in Open(file).GetProperty("cases").EnumerateArray().Select(@case => @case.GetProperty("id").GetString()!))
            {
                rows.Add(file, id, ScalarType.Float64);
                rows.Add(file, id, ScalarType.Float32);
            }
        }
        return rows;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_reference(string file, string id, ScalarType type)
    {
        Golden.PathOf(file);
        JsonElement document = Open(file);
        using DisposeScope scope = NewDisposeScope();
        var @case = new LossCase(document, document.GetProperty("cases").EnumerateArray().Single(@case => @case.GetProperty("id").GetString() == id), type);
        Assert.True(Kinds.TryGetValue(@case.Kind, out Action<LossCase>? check), $"No test knows the kind {@case.Kind}.");
        check(@case);
    }

    private static void CheckAdvantage(LossCase @case)
    {
        if (@case.Has("reward"))
        {
            Close(@case, "advantage", PerResponse(@case.Trajectories()), @case.Expected.GetProperty("advantage"));
            return;
        }
        JsonElement[] groups = [.. @case.Settings.GetProperty("rewards").EnumerateArray()];
        double[] rewards = [.. groups.SelectMany(Json.Values)];
        int[] group = [.. groups.SelectMany((members, i) => Enumerable.Repeat(i, members.GetArrayLength()))];
        var mask = new bool[rewards.Length, 1];
        for (int i = 0; i < rewards.Length; i++)
            mask[i, 0] = true;
        var step = new Trajectories(group, rewards, new double[rewards.Length], [.. rewards.Select(_ => true)], mask);
        double[] got = [.. @case.Named<IAdvantage>("advantage")!.Compute(step).Cast<double>()], expected = Json.Values(@case.Expected.GetProperty("advantage"));
        Close(@case, "advantage", got, expected);
        Assert.All(expected.Zip(got), pair => Assert.True(pair.First != 0 || pair.Second == 0, "an advantage of 0 is exactly 0"));
    }

    private static void CheckObjective(LossCase @case) => CheckObjective(@case, @case.Objective());

    /// <summary>The method's record has the right switches: only its numbers are taken from the case.</summary>
    private static void CheckMethod(LossCase @case)
    {
        CheckObjective(@case);
        string name = @case.Settings.GetProperty("method").GetString()!;
        if (Json.Variants(typeof(IMethod)).All(type => type.GetCustomAttribute<NameAttribute>()!.Name != name))
            return; // a recipe of another method
        var method = Json.Named<IMethod>(name, @case.Settings);
        (ObjectiveSettings own, ObjectiveSettings asked) = (method.Objective, @case.Objective());
        CheckObjective(@case, own with
        {
            Policy = own.Policy with { ClipLow = asked.Policy.ClipLow, ClipHigh = asked.Policy.ClipHigh, DualClip = asked.Policy.DualClip, Aggregation = asked.Policy.Aggregation },
        });
        Assert.Equal(@case.Settings.GetProperty("loss_on").GetString() == "corrupted", method.LossOn == LossView.Corrupted);
    }

    private static void CheckObjective(LossCase @case, ObjectiveSettings settings)
    {
        foreach (bool selectFirst in settings.WorstCase.NeedsAllViews || @case.Views == 0 ? (bool[])[false] : [false, true])
        {
            var scored = new ScoredCase(@case, settings, selectFirst);
            var objective = new Objective(settings);
            ObjectiveResult result = objective.Compute(scored.Input, objective.DenominatorsOf(scored.Input.Trajectories));
            result.Loss.backward();
            foreach (JsonProperty term in @case.Expected.GetProperty("terms").EnumerateObject())
            {
                string name = term.Name switch { "cross_entropy_clean" => "clean", "cross_entropy_view" => "pg", var same => same };
                bool measured = result.Terms.TryGetValue(name, out double value);
                Assert.True(measured || term.Value.GetDouble() == 0 || @case.Number($"lambda_{name}") == 0, $"{name} was not measured");
                if (measured)
                    Close(@case, name, [value], term.Value);
            }
            CheckGradients(@case, scored.Leaves);
            Close(@case, "gate", [.. objective.GateOf(scored.Input.Trajectories).Select(open => open ? 1.0 : 0)], @case.Expected.GetProperty("gate"));
            Close(@case, "advantage", PerResponse(scored.Input.Trajectories), @case.Expected.GetProperty("advantage"));
            if (@case.Expected.TryGetProperty("k_star", out JsonElement worst))
                Assert.Equal(worst.EnumerateArray().Select(k => k.GetInt32()), scored.Worst!.View);
            if (@case.Expected.TryGetProperty("mean_divergence", out JsonElement mean))
                Close(@case, "mean_divergence", [.. scored.Worst!.MeanDivergence.Cast<double>()], mean);
            if (@case.Expected.TryGetProperty("auxiliary_view", out JsonElement auxiliary))
                Assert.Equal(auxiliary.EnumerateArray().Select(k => k.GetInt32()), scored.AuxiliaryView);
        }
    }

    private static void CheckMicroBatches(LossCase @case)
    {
        ObjectiveSettings settings = @case.Objective();
        var objective = new Objective(settings);
        foreach (JsonProperty cut in @case.Expected.GetProperty("parts").EnumerateObject())
        {
            var scored = new ScoredCase(@case, settings, selectFirst: false);
            StepDenominators step = objective.DenominatorsOf(scored.Input.Trajectories);
            double total = 0;
            List<double> losses = [];
            foreach (int[] rows in cut.Value.GetProperty("rows").EnumerateArray().Select(rows => rows.EnumerateArray().Select(row => row.GetInt32()).ToArray()))
            {
                ObjectiveResult part = objective.Compute(scored.Rows(rows), step);
                part.Loss.backward(retain_graph: true);
                losses.Add(part.Terms["total"]);
                total += losses[^1];
            }
            Close(@case, $"{cut.Name} losses", [.. losses], cut.Value.GetProperty("loss"));
            Close(@case, $"{cut.Name} total", [total], @case.Expected.GetProperty("total"));
            CheckGradients(@case, scored.Leaves);
        }
    }

    private static void CheckController(LossCase @case)
    {
        var controller = new AdaptiveKlController(@case.Number("target"), @case.Number("horizon"));
        double beta = @case.Number("initial");
        double[] got = [.. Json.Values(@case.Settings.GetProperty("kl")).Select(kl => beta = controller.Next(beta, kl, @case.Settings.GetProperty("count").GetInt32()))];
        Close(@case, "coefficient", got, @case.Expected.GetProperty("coefficient_after"));
    }

    private static void CheckSchedule(LossCase @case)
    {
        int steps = @case.Settings.GetProperty("steps").GetInt32();
        var noise = new AnnealedNoise(@case.Settings.GetProperty("strength").GetInt32(), @case.Named<IAnnealing>("mode"));
        Assert.Equal(Json.Values(@case.Expected.GetProperty("diffusion_step")), Enumerable.Range(1, steps).Select(step => (double)noise.DiffusionStep(step, steps)));
    }

    private static void CheckLevels(LossCase @case)
    {
        (double Image, double Noise)[] got = [.. Json.Values(@case.Settings.GetProperty("step")).Select(step => DiffusionNoise.At((int)step))];
        Close(@case, "image_factor", [.. got.Select(factors => factors.Image)], @case.Expected.GetProperty("image_factor"));
        Close(@case, "noise_sigma", [.. got.Select(factors => factors.Noise)], @case.Expected.GetProperty("noise_sigma"));
    }

    private static void CheckShaping(LossCase @case)
    {
        if (@case.Expected.TryGetProperty("penalty", out JsonElement penalty))
        {
            var shaping = new OverlongPenalty(@case.Settings.GetProperty("limit").GetInt32(), @case.Settings.GetProperty("buffer").GetInt32());
            Close(@case, "penalty", [.. Json.Values(@case.Settings.GetProperty("length")).Select(length => shaping.Of((int)length))], penalty);
        }
        else
        {
            bool[] keep = [.. @case.Settings.GetProperty("accuracy").EnumerateArray().Select(group => DynamicSampling.Keeps(Json.Values(group)))];
            Assert.Equal(@case.Expected.GetProperty("keep").EnumerateArray().Select(flag => flag.GetBoolean()), keep);
        }
    }

    private static void CheckGradients(LossCase @case, IReadOnlyDictionary<string, Tensor> leaves)
    {
        foreach (JsonProperty gradient in @case.Expected.GetProperty("gradient").EnumerateObject())
        {
            Tensor got = leaves[gradient.Name].grad ?? zeros_like(leaves[gradient.Name]);
            Close(@case, $"gradient of {gradient.Name}", got.to(float64).data<double>().ToArray(), gradient.Value);
        }
    }

    private static double[] PerResponse(Trajectories step) => [.. step.Advantage!.Cast<double>()];

    private static void Close(LossCase @case, string what, double[] got, JsonElement expected) => Close(@case, what, got, Json.Values(expected));

    private static void Close(LossCase @case, string what, double[] got, double[] expected)
    {
        if (got.Length > expected.Length && what == "advantage") // one number a response, the same for all its tokens
            got = [.. got.Chunk(got.Length / expected.Length).Select(tokens => tokens[0])];
        Assert.Equal(expected.Length, got.Length);
        double allowed = @case.Tolerance * Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < got.Length; i++)
            Assert.True(Math.Abs(got[i] - expected[i]) <= allowed, $"{what}[{i}] is {got[i]}, expected {expected[i]} within {allowed}");
    }

    private static JsonElement Open(string file)
    {
        lock (Documents)
        {
            if (!Documents.TryGetValue(file, out JsonElement document))
                Documents[file] = document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Golden.Root, file))).RootElement;
            return document;
        }
    }
}
