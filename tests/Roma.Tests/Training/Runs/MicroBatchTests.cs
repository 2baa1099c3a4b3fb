using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Training;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Rewards;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class MicroBatchTests(TinyRuns runs)
{
    private static readonly Dictionary<string, Func<TrainingSettings, TrainingSettings>> Variants = new()
    {
        ["gspo, sequence_mean, rloo"] = settings => settings with { Method = new GrpoMethod(new(new GspoLoss(), Aggregation: new SequenceMeanAggregation())), Advantage = new RlooAdvantage() },
        ["cispo, constant, reinforce_pp"] = settings => settings with { Method = new GrpoMethod(new(new CispoLoss(), Aggregation: new ConstantAggregation(4))), Advantage = new ReinforcePpAdvantage(0.9) },
        ["log_prob, token_mean, unscorable responses"] = settings => settings with { Method = new GrpoMethod(new(new LogProbLoss())), Rewards = [new Shy()] },
        ["roma, sequence_mean, reinforce_pp, unscorable responses"] = settings => settings with
        {
            Method = new RomaMethod(Views: 1, Gate: Gate.None, Policy: new(Aggregation: new SequenceMeanAggregation())),
            Advantage = new ReinforcePpAdvantage(),
            Rewards = [new Shy()],
        },
        ["roma, constant, unscorable responses"] = settings => settings with { Method = new RomaMethod(Views: 1, Gate: Gate.None, Policy: new(Aggregation: new ConstantAggregation(4))), Rewards = [new Shy()] },
    };

    public static TheoryData<string> VariantNames => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(TinyRuns.Names), MemberType = typeof(TinyRuns))]
    public void Gradients_and_metrics_do_not_depend_on_how_a_step_is_cut(string name) =>
        Check(name, runs.Settings(name, 1) with { Prompts = 8, Model = name == "sft" ? runs.Untrained : runs.Model }, // what the model has learnt already leaves a gradient of rounding alone
            (1, null), (2, null), (4, null), (8, null), (null, 1), (null, 90), (3, 150));

    [Theory]
    [MemberData(nameof(VariantNames))]
    public void Nor_do_those_of_other_losses_aggregations_and_advantages(string name)
    {
        // Two updates, so that ratios are not 1; with a large epsilon an update is in proportion to its gradient and its rounding too.
        TrainingSettings settings = Variants[name](runs.Settings(new GrpoMethod(), 1)) with { Prompts = 8, Temperature = 2, Iterations = 2, Optimizer = new(Lr: 1, Epsilon: 1) };
        JsonObject metrics = Check(name, settings, (1, null), (2, null), (8, null), (null, 90));
        Assert.Equal(name.Contains("unscorable", StringComparison.Ordinal), (double)metrics["unscorable_rate"]! > 0);
        if (metrics["ratio_mean"] is { } ratio)
            Assert.True(Math.Abs((double)ratio - 1) > 1e-4);
    }

    [Fact]
    public void Roma_without_views_or_without_weights_is_grpo_to_the_last_bit()
    {
        runs.Run("grpo", runs.Settings("grpo", 3));
        string[] grpo = runs.Result("grpo");
        TrainingSettings half = runs.Settings("roma, one view of half of the prompts", 3);
        foreach ((string name, RomaMethod method) in new[] { ("no views", new RomaMethod(Views: 0)), ("no weights", new RomaMethod(Views: 2, LambdaKl: 0, LambdaPg: 0)) })
        {
            runs.Run(name, half with { Method = method });
            Assert.Equal(grpo, runs.Result(name));
        }
        runs.Run("with views", half);
        Assert.NotEqual(grpo, runs.Result("with views"));
    }

    private JsonObject Check(string name, TrainingSettings settings, params (int? Size, int? Tokens)[] cuts)
    {
        // After one step the optimiser's mean of gradients is the gradient, times 1 - beta1 and the clipping; the metrics hold the norm before clipping.
        (float[] Mean, JsonObject Metrics) Cut(int? size, int? tokens = null)
        {
            string folder = $"cut {size} {tokens} {name}", latest = runs.Run(folder, settings with { MicroPrompts = size, MicroTokens = tokens }).Latest!;
            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(latest, "optimizer.safetensors"));
            return ([.. file.Tensors.Keys.Order().Where(key => key.StartsWith("exp_avg.", StringComparison.Ordinal)).SelectMany(key => { using var tensor = file.Read(key); return tensor.data<float>().ToArray(); })],
                JsonNode.Parse(runs.Metrics(folder).Single())!.AsObject());
        }
        (float[] mean, JsonObject metrics) = Cut(null);
        double largest = mean.Max(MathF.Abs);
        Assert.True(largest > 1e-4, "the step has no gradient");
        double norm = Math.Sqrt(mean.Sum(x => (double)x * x));
        foreach ((int? size, int? tokens) in cuts)
        {
            (float[] cutMean, JsonObject cutMetrics) = Cut(size, tokens);
            Assert.InRange(Math.Sqrt(mean.Zip(cutMean).Sum(pair => Math.Pow(pair.First - (double)pair.Second, 2))), 0, 1e-6 * norm);
            foreach ((string key, JsonNode? value) in metrics)
                Assert.Equal((double)value!, (double)cutMetrics[key]!, 1e-6);
            Assert.Equal(metrics.Count, cutMetrics.Count);
        }
        return metrics;
    }

    /// <summary>Cannot judge short responses to some of the questions, and likes length.</summary>
    [Name("shy")]
    public sealed record Shy : IReward
    {
        public double Weight => 1;

        public double? Score(Response response) => response.Reference == "a" && response.Tokens < 3 ? null : response.Tokens;
    }
}
