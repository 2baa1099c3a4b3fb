using Roma.Models.Checkpoints;
using Roma.Tests.Training.Runs;
using Roma.Training.Methods;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Optimization;

[Collection(nameof(TinyRuns))]
public class WeightAverageTests(TinyRuns runs)
{
    [Theory]
    [InlineData(0.2)] // of the second step; of the first it is still 2 / 11
    [InlineData(0.9)] // of neither: 2 / 11 and 3 / 12
    public void The_average_after_two_steps_is_made_of_three_checkpoints(double decay)
    {
        CheckpointStore store = runs.Run($"average {decay}", runs.Settings(new SftMethod(), 2) with { Model = runs.Untrained, Ema = decay, SaveEvery = 1, KeepLast = 2, Optimizer = new(Lr: 0.1) });
        (double once, double twice) = (Math.Min(decay, 2 / 11.0), Math.Min(decay, 3 / 12.0));
        float[] start = Weights(runs.Untrained), first = Weights(store.PathOf(1)), second = Weights(store.PathOf(2)), average = Weights(CheckpointStore.AverageOf(store.PathOf(2)));
        Assert.Equal(start.Length, average.Length);
        Assert.InRange(average.Select((value, i) => Math.Abs(value - (twice * (once * start[i] + (1 - once) * first[i]) + (1 - twice) * second[i]))).Max(), 0, 1e-6);
        Assert.True(second.Zip(start).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.1);
    }

    private static float[] Weights(string model)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(model, "model.safetensors"));
        return [.. file.Tensors.Keys.Order().SelectMany(name => { using var weight = file.Read(name); return weight.data<float>().ToArray(); })];
    }
}
