using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Data;
using Roma.Training;
using Roma.Training.Advantages;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Optimization;

namespace Roma.Tests.Training;

public class MethodTests
{
    public static TheoryData<string> Methods => [.. Json.Variants(typeof(IMethod)).Select(type => type.GetCustomAttribute<NameAttribute>()!.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_needs_no_setting_and_asks_for_the_views_it_uses(string name)
    {
        var method = Json.Named<IMethod>(name, JsonDocument.Parse("{}").RootElement);
        Assert.Equal(method.Objective.LambdaKl + method.Objective.LambdaPg > 0 || method.LossOn == LossView.Corrupted, method.Views > 0);
        Assert.Equal(method.Sampling == SamplingView.HalfNoised, method.Noise is not null);
    }

    [Theory]
    [InlineData("noisy_rollout", 0.2, null)]
    [InlineData("roma", 0.28, 3.0)]
    public void One_setting_of_the_policy_leaves_the_method_its_own_defaults_of_the_others(string name, double clipHigh, double? dualClip)
    {
        PolicySettings policy = StrictYaml.Parse<Recipe>($"method: {{name: {name}, policy: {{beta: 0.1}}}}", "recipe.yaml").Method.Objective.Policy;
        Assert.Equal((0.1, 0.2, clipHigh, dualClip), (policy.Beta, policy.ClipLow, policy.ClipHigh, policy.DualClip));
        policy = StrictYaml.Parse<Recipe>($"method: {name}", "recipe.yaml").Method.Objective.Policy;
        Assert.Equal((0, 0.2, clipHigh, dualClip), (policy.Beta, policy.ClipLow, policy.ClipHigh, policy.DualClip));
    }

    [Fact]
    public void A_setting_out_of_range_is_named()
    {
        Assert.Equal("LambdaKl", Assert.Throws<ArgumentOutOfRangeException>(() => new RomaMethod(LambdaKl: -1)).ParamName);
        Assert.Equal("Views", Assert.Throws<ArgumentOutOfRangeException>(() => new DracMethod(Views: 0)).ParamName);
        Assert.Equal("ClipLow", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(ClipLow: 1.5)).ParamName);
        Assert.Equal("DualClip", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(DualClip: 0.5)).ParamName);
        Assert.Equal("Constant", Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantAggregation(0)).ParamName);
        Assert.Equal("Entropy", Assert.Throws<ArgumentOutOfRangeException>(() => new PolicySettings(Entropy: double.NaN)).ParamName);
    }

    [Fact]
    public void A_setting_that_would_do_nothing_is_refused()
    {
        Assert.Contains("worst_by: prompt", Assert.Throws<RomaException>(() => new RomaMethod(SelectOn: 2)).Remedy, StringComparison.Ordinal);
        Assert.Contains("worst_case: trajectory", Assert.Throws<RomaException>(() => new RomaMethod(SelectOn: 2, WorstBy: WorstBy.Prompt, WorstCase: new MeanWorstCase())).Remedy, StringComparison.Ordinal);
        Assert.Equal(2, new RomaMethod(SelectOn: 2, WorstBy: WorstBy.Prompt, WorstCase: new MeanWorstCase(), LambdaKl: 0).SelectOn);
        Assert.Contains("validation", Assert.Throws<RomaException>(() => new TrainingSettings("model", new DigitGrid(), new SftMethod(), 1, Stop: new(Accuracy: 0.5))).Remedy, StringComparison.Ordinal);
        Assert.Contains("stop.accuracy", Assert.Throws<RomaException>(() => new StopSettings(Category: 0.1)).Remedy, StringComparison.Ordinal);
        Assert.Contains("stop.seconds", Assert.Throws<RomaException>(() => new StopSettings(MinSteps: 3)).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_names_variants_alone_or_with_their_keys()
    {
        const string Yaml = """
            method:
              name: roma
              lambda_kl: 0.3
              estimator: k1
              anchor: joint
              policy: {loss: gspo, dual_clip: null, aggregation: {name: constant, constant: 12}}
            advantage: {name: grpo, scale: none}
            optimizer: {lr: 1e-5, schedule: {name: cosine, warmup: 3}}
            """;
        Recipe recipe = StrictYaml.Parse<Recipe>(Yaml, "recipe.yaml");
        ObjectiveSettings objective = recipe.Method.Objective;
        Assert.Equal((0.3, Anchor.Joint, null), (objective.LambdaKl, objective.Anchor, objective.Policy.DualClip));
        Assert.IsType<K1Estimator>(objective.Estimator);
        Assert.IsType<GspoLoss>(objective.Policy.Loss);
        Assert.Equal(new ConstantAggregation(12), objective.Policy.Aggregation);
        Assert.Equal(new GrpoAdvantage(AdvantageScale.None), recipe.Advantage);
        Assert.Equal(new CosineSchedule(3), recipe.Optimizer!.Schedule);
        Assert.Contains("tau", Assert.Throws<RomaException>(() => StrictYaml.Parse<Recipe>(Yaml.Replace("lambda_kl: 0.3", "tau: -1", StringComparison.Ordinal), "recipe.yaml")).Message, StringComparison.Ordinal);
    }

    private sealed record Recipe(IMethod Method, IAdvantage? Advantage = null, AdamWSettings? Optimizer = null);
}
