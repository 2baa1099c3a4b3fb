using Roma.Core;
using Roma.Models;
using Roma.Models.Layers;
using Roma.Models.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Scoring;

public sealed class TeacherForcingTests(NanoFixture nano) : IClassFixture<NanoFixture>, IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(0.6)]
    public void Scores_are_the_log_softmax_of_the_whole_forward_pass(double temperature)
    {
        using IDisposable _ = no_grad();
        int[] prompts = [0, 1, 2, 3];
        int[][] responses = Responses(4 * 2);
        Tensor scores = TeacherForcing.LogProbs(nano.Model.Network, [.. prompts.Select(nano.Prompt)], nano.Features(prompts), responses, temperature: temperature);
        Assert.Equal([8, responses.Max(response => response.Length)], scores.shape);
        for (int r = 0; r < responses.Length; r++)
        {
            TokenPrompt prompt = nano.Prompt(r / 2);
            VisionLanguageNetwork network = nano.Model.Network;
            (int, int, int)[] positions = [.. prompt.Positions, .. responses[r].Select((_, t) => (prompt.Next + t, prompt.Next + t, prompt.Next + t))];
            Tensor hidden = network.Forward(network.Tokens([.. prompt.Ids, .. responses[r]], positions, new PackedLayout([positions.Length], [])), nano.Features(r / 2));
            Tensor logProbs = (network.Normalize(hidden).mm(network.Head_VH.t()).to(ScalarType.Float64) / temperature).log_softmax(1);
            for (int t = 0; t < scores.shape[1]; t++)
            {
                double expected = t < responses[r].Length ? logProbs[prompt.Ids.Length + t - 1, responses[r][t]].item<double>() : 0;
                Assert.InRange(Math.Abs(scores[r, t].item<float>() - expected), 0, 1e-4);
            }
        }
    }

    [Fact]
    public void Responses_that_share_a_prefix_have_the_scores_and_gradients_of_separate_ones()
    {
        int[] prompts = [0, 1, 2], owners = [0, 0, 0, 2, 2]; // the second prompt has none
        int[][] responses = Responses(owners.Length);
        Tensor weights = randn(responses.Length, responses.Max(response => response.Length), generator: new Generator(3));
        Tensor shared = TeacherForcing.LogProbs(nano.Model.Network, [.. prompts.Select(nano.Prompt)], nano.Features(prompts), responses, owners);
        Dictionary<string, Tensor> together = Gradients((shared * weights).sum());
        Tensor sum = zeros(1);
        for (int r = 0; r < responses.Length; r++)
        {
            Tensor alone = TeacherForcing.LogProbs(nano.Model.Network, [nano.Prompt(owners[r])], nano.Features(owners[r]), [responses[r]])[0];
            Assert.InRange((alone - shared[r].narrow(0, 0, alone.shape[0])).abs().max().item<float>(), 0, 1e-4f);
            sum = sum + (alone * weights[r].narrow(0, 0, alone.shape[0])).sum();
        }
        Dictionary<string, Tensor> separate = Gradients(sum);
        Assert.Equal(nano.Model.Network.named_parameters().Count(), together.Count);
        foreach ((string name, Tensor gradient) in separate)
            Assert.True((gradient - together[name]).norm().item<float>() <= 1e-5 * gradient.norm().item<float>(), name);
    }

    [Fact]
    public void No_tensor_is_left_behind_by_a_forward_and_a_backward_pass()
    {
        int[][] responses = Responses(4);
        Pass();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Pass();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using Tensor one = ones(1);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount); // it does count

        void Pass()
        {
            using DisposeScope scope = NewDisposeScope();
            TeacherForcing.LogProbs(nano.Model.Network, [nano.Prompt(0), nano.Prompt(2)], nano.Features(0, 2), responses).sum().backward();
            nano.Model.Network.zero_grad();
        }
    }

    private Dictionary<string, Tensor> Gradients(Tensor loss)
    {
        nano.Model.Network.zero_grad();
        loss.backward();
        var gradients = nano.Model.Network.named_parameters().Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        nano.Model.Network.zero_grad();
        return gradients;
    }

    private static int[][] Responses(int count)
    {
        CounterRandom random = CounterRandom.Of("responses");
        return [.. Enumerable.Range(0, count).Select(r => Enumerable.Range(0, 1 + r * 5 % 7).Select(_ => random.Integer(0, 300)).ToArray())];
    }
}
