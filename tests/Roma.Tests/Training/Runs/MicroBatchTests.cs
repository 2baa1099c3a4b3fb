using System.Text.Json.Nodes;
using Roma.Models.Checkpoints;
using Roma.Training;
using Roma.Training.Methods;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class MicroBatchTests(TinyRuns runs)
{
    [Theory]
    [MemberData(nameof(TinyRuns.Names), MemberType = typeof(TinyRuns))]
    public void Gradients_and_metrics_do_not_depend_on_how_a_step_is_cut(string name)
    {
        // After one step the optimiser's mean of gradients is the gradient, times 1 - beta1 and the clipping; the metrics hold the norm before clipping.
        TrainingSettings settings = runs.Settings(name, 1) with { Prompts = 8, Model = name == "sft" ? runs.Untrained : runs.Model }; // what the model has learnt already leaves a gradient of rounding alone
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
        foreach ((int? size, int? tokens) in new (int?, int?)[] { (1, null), (2, null), (4, null), (8, null), (null, 1), (null, 90), (3, 150) })
        {
            (float[] cutMean, JsonObject cutMetrics) = Cut(size, tokens);
            Assert.InRange(Math.Sqrt(mean.Zip(cutMean).Sum(pair => Math.Pow(pair.First - (double)pair.Second, 2))), 0, 1e-6 * norm);
            foreach ((string key, JsonNode? value) in metrics)
                Assert.Equal((double)value!, (double)cutMetrics[key]!, 1e-6);
            Assert.Equal(metrics.Count, cutMetrics.Count);
        }
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
}
