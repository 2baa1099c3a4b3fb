using Roma.Core;
using Roma.Models.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Scoring;

/// <summary>Functions of whole distributions against the same ones over all logits at once.</summary>
public class ResponseRowsTests(NanoFixture nano) : IClassFixture<NanoFixture>
{
    [Fact]
    public void Entropy_and_divergence_are_those_of_all_logits_with_their_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        int[][] responses = [.. Enumerable.Range(0, 4).Select(r => Enumerable.Range(0, 2 + r).Select(t => CounterRandom.Of(r, t).Integer(0, 200)).ToArray())];
        ResponseRows one = Rows(0, 3), other = Rows(3, 0);
        Tensor kl = one.Over(other, (logP, logQ) => (logP.exp() * (logP - logQ)).sum(-1));
        Tensor logP = Distribution(one.Hidden_MH), logQ = Distribution(other.Hidden_MH);
        Tensor expected_M = (logP.exp() * (logP - logQ)).sum(-1);
        Tensor weights_M = arange(1, expected_M.shape[0] + 1).to(ScalarType.Float32);
        long[] places = [.. responses.SelectMany((response, r) => response.Select((_, t) => (long)r * kl.shape[1] + t))];
        Tensor kl_M = kl.view(-1).index_select(0, tensor(places));
        Assert.InRange((kl_M - expected_M).abs().max().item<float>(), 0, 1e-5f);
        Assert.Equal(0, (kl.abs().sum() - kl_M.abs().sum()).item<float>(), 1e-4);
        nano.Model.Network.zero_grad();
        (kl_M * weights_M).sum().backward(retain_graph: true);
        Tensor head = nano.Model.Network.Head_VH.grad!.clone();
        nano.Model.Network.zero_grad();
        (expected_M * weights_M).sum().backward();
        Tensor headExpected = nano.Model.Network.Head_VH.grad!;
        Assert.InRange(((head - headExpected).norm() / headExpected.norm()).item<float>(), 0, 1e-5f);
        nano.Model.Network.zero_grad();

        ResponseRows Rows(int a, int b) => TeacherForcing.Rows(nano.Model.Network, [nano.Prompt(a), nano.Prompt(b)], nano.Features(a, b), responses, temperature: 1.3);

        Tensor Distribution(Tensor hidden_MH) => nn.functional.log_softmax(hidden_MH.mm(nano.Model.Network.Head_VH.t()) / 1.3, 1);
    }

    [Fact]
    public void A_part_of_the_responses_is_the_same_rows_in_another_order()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        ResponseRows all = TeacherForcing.Rows(nano.Model.Network, [nano.Prompt(1)], null, [[5, 6, 7], [8], [9, 10]]);
        Tensor whole = all.LogProbs(), part = all.Take([2, 0]).LogProbs();
        Assert.InRange((part[0] - whole[2]).abs().max().item<float>() + (part[1] - whole[0]).abs().max().item<float>(), 0, 1e-5f);
    }
}
