using Roma.Models.Lora;
using Roma.Training;
using Roma.Training.Methods;
using Roma.Training.Runs;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class PolicyTests(TinyRuns runs)
{
    [Theory]
    [InlineData(Precision.Fp32, false, false)]
    [InlineData(Precision.Bf16, false, true)]
    [InlineData(Precision.Fp32, true, true)]
    [InlineData(Precision.Bf16, true, false)]
    public void Weights_that_are_trained_are_fp32_and_what_is_computed_and_frozen_is_in_the_runs_precision(Precision precision, bool lora, bool recompute)
    {
        using var policy = Policy.Load(runs.Settings(new GrpoMethod(), 1) with { Precision = precision, Recompute = recompute, Lora = lora ? new LoraSettings(rank: 2, alpha: 4) : null }, null, null);
        ScalarType type = precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Assert.Equal((type, recompute), (policy.Model.Network.ComputeType, policy.Model.Network.Recompute));
        Assert.Equal(lora ? type : ScalarType.Float32, policy.Model.Network.WeightType);
        Assert.All(policy.Trained, entry => Assert.Equal(ScalarType.Float32, entry.Parameter.dtype));
    }
}
