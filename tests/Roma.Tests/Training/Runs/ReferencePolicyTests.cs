using System.Text.Json.Nodes;
using Roma.Corruptions;
using Roma.Models;
using Roma.Models.Scoring;
using Roma.Training;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Rollouts;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class ReferencePolicyTests(TinyRuns runs)
{
    private const double Beta = 0.1, Horizon = 200;

    [Fact]
    public void The_distance_to_the_given_reference_is_a_mean_over_tokens_and_moves_the_coefficient()
    {
        double nats = Nats(Settings(1));
        Assert.True(nats > 0.01);
        runs.Run("reference", Settings(1.1 * nats));
        JsonNode[] metrics = [.. runs.Metrics("reference").Select(line => JsonNode.Parse(line)!)];
        Assert.Equal(nats, (double)metrics[0]["reference_kl_nats"]!, 1e-5 * nats);
        Assert.Equal(Beta, (double)metrics[0]["beta"]!, 1e-12);
        Assert.Equal(Beta * (1 + (1 / 1.1 - 1) * 16 / Horizon), (double)metrics[1]["beta"]!, 1e-7); // 16 responses
    }

    [Fact]
    public void Where_none_is_given_it_is_the_model_that_the_run_starts_from()
    {
        runs.Run("own reference", Settings(1) with { Reference = null, Steps = 1 });
        Assert.Equal(0, (double)JsonNode.Parse(runs.Metrics("own reference").Single())!["reference_kl_nats"]!, 1e-9);
    }

    private TrainingSettings Settings(double target) =>
        runs.Settings(new GrpoMethod(new(Aggregation: new SequenceMeanAggregation(), Beta: Beta, Controller: new AdaptiveKlController(target, Horizon))), 2) with { Temperature = 2, Reference = runs.Untrained };

    /// <summary>The mean of exp(u) - u - 1 over the tokens of the first step, u the reference's log-probability less the policy's, both at the run's temperature.</summary>
    private double Nats(TrainingSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        using var policy = VisionLanguageModel.Load(runs.Model);
        using var reference = VisionLanguageModel.Load(runs.Untrained);
        CollectedStep step = new StepCollector(policy, settings, new(settings, Catalogue.Default)).Collect(0, 0, new());
        int[] lengths = [.. step.Rollouts.Tokens.Select(tokens => tokens.Length)];
        Assert.True(lengths.Distinct().Count() > 1);
        double[] own = Scores(policy), other = Scores(reference);
        return own.Zip(other).Sum(pair => pair.Second - pair.First is var u ? Math.Exp(u) - u - 1 : 0) / lengths.Sum(); // behind the end of a response both are 0

        double[] Scores(VisionLanguageModel model) => [.. TeacherForcing.LogProbs(model.Network, step.Prompts.Prompts, (step.Prompts with { Features = null }).Encode(model.Network), step.Rollouts.Tokens, step.Rollouts.Owners, settings.Temperature)
            .data<float>().ToArray().Select(value => (double)value)];
    }
}
