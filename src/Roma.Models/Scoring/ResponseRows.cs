using Roma.Models.Kernels;
using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Scoring;

/// <summary>
/// The normalised hidden states from which the M tokens of R responses are predicted, response by response. Log-probabilities of the tokens, and functions of the whole distributions, are made of them a chunk of rows at a
/// time, so that M x vocabulary logits are never held for the backward pass.
/// </summary>
/// <param name="Network">Whose head makes the logits.</param>
/// <param name="Hidden_MH">The hidden states [M, H].</param>
/// <param name="Targets">The tokens [M].</param>
/// <param name="Lengths">Tokens of each response [R].</param>
/// <param name="Width">Columns of what is made, at least the longest response.</param>
/// <param name="Temperature">Divides the logits.</param>
public sealed record ResponseRows(VisionLanguageNetwork Network, Tensor Hidden_MH, long[] Targets, IReadOnlyList<int> Lengths, int Width, double Temperature)
{
    private const long ChunkElements = 1 << 22;

    /// <summary>Whether gradients stop here.</summary>
    public bool IsConstant { get; private init; }

    private Tensor Head_VH => IsConstant ? Network.Head_VH.detach() : Network.Head_VH;

    /// <summary>The same without gradient.</summary>
    public ResponseRows Detach() => this with { Hidden_MH = Hidden_MH.detach(), IsConstant = true };

    /// <summary>Some of the responses, in the order given.</summary>
    /// <param name="responses">Their numbers.</param>
    public ResponseRows Take(IReadOnlyList<int> responses)
    {
        int[] first = new int[Lengths.Count];
        for (int r = 1; r < first.Length; r++)
            first[r] = first[r - 1] + Lengths[r - 1];
        long[] rows = [.. responses.SelectMany(r => Enumerable.Range(first[r], Lengths[r])).Select(row => (long)row)];
        return this with { Hidden_MH = Hidden_MH.index_select(0, tensor(rows, device: Hidden_MH.device)), Targets = [.. rows.Select(row => Targets[row])], Lengths = [.. responses.Select(r => Lengths[r])] };
    }

    /// <summary>Log-probabilities of the tokens.</summary>
    /// <returns>[R, width], fp32, zero where a response has ended.</returns>
    public Tensor LogProbs() => Grid(TokenLogProb.Apply(Hidden_MH, Head_VH, tensor(Targets, device: Hidden_MH.device), Temperature));

    /// <summary>A function of the next-token distribution at each token, for example its entropy.</summary>
    /// <param name="function">From log-probabilities [C, V], fp32, to [C].</param>
    /// <returns>[R, width], zero where a response has ended.</returns>
    public Tensor Over(Func<Tensor, Tensor> function) => Chunked(Hidden_MH, x => function(Distribution(x)));

    /// <summary>A function of two next-token distributions at each token, for example their divergence.</summary>
    /// <param name="other">The same tokens scored otherwise.</param>
    /// <param name="function">From log-probabilities of these and of the other rows, [C, V] each, to [C].</param>
    /// <returns>[R, width], zero where a response has ended.</returns>
    public Tensor Over(ResponseRows other, Func<Tensor, Tensor, Tensor> function)
    {
        long width = Hidden_MH.shape[1];
        return Chunked(cat([Hidden_MH, other.Hidden_MH], 1), x => function(Distribution(x.narrow(1, 0, width)), other.Distribution(x.narrow(1, width, x.shape[1] - width))));
    }

    private Tensor Distribution(Tensor hidden_CH) => nn.functional.log_softmax(LinearMap.Apply(hidden_CH, Head_VH).to(ScalarType.Float32) * Scalars.Of(1 / Temperature), 1);

    private Tensor Chunked(Tensor x_MX, Func<Tensor, Tensor> function)
    {
        long size = Math.Max(1, ChunkElements / Network.Config.Text.VocabSize);
        var parts = new List<Tensor>();
        for (long start = 0; start < x_MX.shape[0]; start += size)
            parts.Add(Recomputed.If(true, (x, _) => function(x), x_MX.narrow(0, start, Math.Min(size, x_MX.shape[0] - start))));
        return Grid(cat(parts, 0));
    }

    private Tensor Grid(Tensor values_M)
    {
        long[] places = new long[Targets.Length];
        for (int r = 0, m = 0; r < Lengths.Count; r++)
            for (int t = 0; t < Lengths[r]; t++)
                places[m++] = (long)r * Width + t;
        return zeros(Lengths.Count * Width, device: values_M.device).index_copy(0, tensor(places, device: values_M.device), values_M).view(Lengths.Count, Width);
    }
}
