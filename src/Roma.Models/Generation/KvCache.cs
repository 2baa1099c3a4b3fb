using Roma.Models.Kernels;
using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Generation;

/// <summary>
/// Keys and values of the tokens so far: those of each prompt once, however many sequences continue it, and those of each sequence in a block of fixed capacity.
/// First it attends within the prompts (prefill), after <see cref="Decode"/> one new token per active sequence to everything before it.
/// </summary>
internal sealed class KvCache(PackedLayout prompts, int group, int capacity) : IAttentionContext, IDisposable
{
    private readonly List<(Tensor K, Tensor V)> _prefix = [], _own = [];
    private int[] _slots = [];
    private int _step = -1;

    /// <summary>Makes the next forward pass the token number <paramref name="step"/> (from 0) of the sequences in <paramref name="slots"/>.</summary>
    public void Decode(int step, int[] slots) => (_step, _slots) = (step, slots);

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim)
    {
        if (_step < 0)
        {
            _prefix.Add((k_NHD.contiguous().DetachFromDisposeScope(), v_NHD.contiguous().DetachFromDisposeScope()));
            return PackedAttention.Apply(q_NHD, k_NHD, v_NHD, headDim, prompts);
        }
        if (_own.Count == layer)
            _own.Add((Block(k_NHD).DetachFromDisposeScope(), Block(v_NHD).DetachFromDisposeScope()));
        (Tensor ownK, Tensor ownV) = _own[layer];
        using Tensor rows = tensor(_slots.Select(slot => (long)slot * capacity + _step).ToArray(), device: k_NHD.device);
        ownK.view(-1, ownK.shape[2]).index_copy_(0, rows, k_NHD);
        ownV.view(-1, ownV.shape[2]).index_copy_(0, rows, v_NHD);
        return DecodeAttention.Apply(q_NHD, _prefix[layer], _own[layer], prompts, _slots, group, _step + 1, headDim);

        Tensor Block(Tensor like) => empty(prompts.B * group, capacity, like.shape[1], dtype: like.dtype, device: like.device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor k, Tensor v) in _prefix.Concat(_own))
        {
            k.Dispose();
            v.Dispose();
        }
    }
}
