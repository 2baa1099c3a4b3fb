using System.Text.Json.Nodes;
using Roma.Models.Checkpoints;
using Roma.Tests.Training.Runs;
using Roma.Training.Methods;
using Roma.Training.Optimization;

namespace Roma.Tests.Training.Scoring;

[Collection(nameof(TinyRuns))]
public class LearnerTests(TinyRuns runs)
{
    [Fact]
    public void The_rate_follows_the_schedule_from_its_first_step()
    {
        runs.Run("rates", runs.Settings(new GrpoMethod(), 4) with { Optimizer = new(Lr: 1e-3, Schedule: new LinearSchedule(Warmup: 2)) });
        Assert.Equal([0.5e-3, 1e-3, 1e-3, 0.5e-3], runs.Metrics("rates").Select(line => (double)JsonNode.Parse(line)!["lr"]!));
    }

    [Fact]
    public void A_gradient_is_scaled_down_to_the_largest_norm_before_it_is_used()
    {
        const double Largest = 0.01;
        string latest = runs.Run("clipped", runs.Settings(new GrpoMethod(), 1) with { Optimizer = new(MaxGradNorm: Largest) }).Latest!;
        Assert.True((double)JsonNode.Parse(runs.Metrics("clipped").Single())!["grad_norm"]! > 2 * Largest); // before
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(latest, "optimizer.safetensors"));
        double squares = file.Tensors.Keys.Where(name => name.StartsWith("exp_avg.", StringComparison.Ordinal)).Sum(name => { using var mean = file.Read(name); return mean.data<float>().ToArray().Sum(x => (double)x * x); });
        Assert.Equal(Largest, Math.Sqrt(squares) / (1 - 0.9), 1e-5 * Largest); // the running mean after one step is a tenth of the gradient
    }
}
