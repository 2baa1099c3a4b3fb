using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Processing;
using Roma.Models.Scoring;
using Roma.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models;

/// <summary>Ways of computing that may change speed and memory but not the result, or only by rounding.</summary>
public sealed class PrecisionTests(NanoFixture nano) : IClassFixture<NanoFixture>, IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Recomputed_layers_have_the_same_scores_and_gradients_bit_for_bit()
    {
        (Tensor scores, Dictionary<string, Tensor> gradients) = Pass(nano.Model);
        nano.Model.Network.Recompute = true;
        try
        {
            (Tensor again, Dictionary<string, Tensor> others) = Pass(nano.Model);
            Assert.True(scores.bytes.SequenceEqual(again.bytes));
            Assert.Equal(gradients.Keys.Order(), others.Keys.Order());
            Assert.All(gradients.Keys, key => Assert.True(gradients[key].bytes.SequenceEqual(others[key].bytes), key));
        }
        finally
        {
            nano.Model.Network.Recompute = false;
        }
    }

    [Fact]
    public void Master_weights_compute_what_bfloat16_weights_do_and_get_gradients_in_float32()
    {
        using VisionLanguageModel half = VisionLanguageModel.Load(nano.Model.Directory, type: ScalarType.BFloat16), master = VisionLanguageModel.Load(nano.Model.Directory);
        (Tensor exact, Dictionary<string, Tensor> exactGradients) = Pass(master);
        master.Network.ComputeType = ScalarType.BFloat16;
        (Tensor mixed, Dictionary<string, Tensor> gradients) = Pass(master);
        (Tensor rounded, _) = Pass(half);
        Assert.Equal(ScalarType.Float32, mixed.dtype);
        Assert.True(mixed.allclose(rounded, 0, 1e-6), "weights are rounded where they are used");
        Assert.InRange((mixed - exact).abs().max().item<float>(), 1e-6f, 0.5f);
        Assert.All(gradients, pair =>
        {
            Assert.Equal(ScalarType.Float32, pair.Value.dtype);
            Tensor a = pair.Value.view(-1), b = exactGradients[pair.Key].view(-1);
            double cosine = ((a * b).sum() / (a.norm() * b.norm())).item<float>();
            Assert.True(cosine > 0.98, $"{pair.Key}: {cosine}");
        });
    }

    [Fact]
    public void A_thousand_steps_of_generating_scoring_and_learning_leave_no_tensor_behind()
    {
        using VisionLanguageModel model = VisionLanguageModel.Load(nano.Model.Directory, trainable: true);
        using var optimizer = new AdamW(model.Network.named_parameters().Select(p => (p.name, p.parameter)), new());
        TextGenerator generator = model.Generator();
        Tensor patches = model.Patches(nano.Images[0], out Grid[] grids);
        for (int i = 0; i < 20; i++)
            Step(i);
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount; // of this thread: other tests run beside it
        for (int i = 0; i < 1000; i++)
            Step(i);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step(int i)
        {
            using DisposeScope scope = NewDisposeScope();
            VisionFeatures features = model.Network.Encode(patches, grids);
            int[] response = generator.Generate([nano.Prompt(0)], features, 1, new(2, 1), _ => CounterRandom.Of(i))[0].Tokens;
            TeacherForcing.LogProbs(model.Network, [nano.Prompt(0)], features, [response]).sum().backward();
            optimizer.Step(1e-5);
            optimizer.ZeroGrad();
        }
    }

    private (Tensor Scores, Dictionary<string, Tensor> Gradients) Pass(VisionLanguageModel model)
    {
        int[] prompts = [0, 2];
        Tensor patches = model.Patches([.. prompts.SelectMany(i => nano.Images[i])], out Grid[] grids);
        Tensor scores = TeacherForcing.LogProbs(model.Network, [.. prompts.Select(nano.Prompt)], model.Network.Encode(patches, grids), [[5, 9], [40], [7, 8, 9], [200, 4]]);
        model.Network.zero_grad();
        scores.sum().backward();
        var gradients = model.Network.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        model.Network.zero_grad();
        return (scores.detach(), gradients);
    }
}
