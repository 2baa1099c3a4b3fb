using Roma.Core;
using Roma.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

public class WeightAverageTests
{
    [Fact]
    public void A_state_with_other_names_or_shapes_is_refused_and_the_first_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using var average = new WeightAverage([("a", zeros(2)), ("b", zeros(3))], 0.5);
        average.Load(new Dictionary<string, Tensor> { ["a"] = ones(2), ["b"] = ones(3) });
        Assert.Equal([1f, 1f, 1f], average.State()["b"].data<float>().ToArray());
        foreach ((Dictionary<string, Tensor> state, string first) in new[]
        {
            (new Dictionary<string, Tensor> { ["a"] = ones(2), ["c"] = ones(3) }, "b"),
            (new() { ["a"] = ones(3), ["b"] = ones(3) }, "a"),
            (new() { ["a"] = ones(2), ["b"] = ones(3, dtype: ScalarType.Float64) }, "b"),
        })
            Assert.EndsWith($"the first is {first}.", Assert.Throws<RomaException>(() => average.Load(state)).Message, StringComparison.Ordinal);
    }
}
