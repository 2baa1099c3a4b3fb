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
    private readonly List<DecodeAttention> _layers = [];
    private int[] _slots = [];
    private int _step = -1;

    /// <summary>Makes the next forward pass the token number <paramref name="step"/> (from 0) of the sequences in <paramref name="slots"/>.</summary>
    public void Decode(int step, int[] slots) => (_step, _slots) = (step, slots);

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim)
    {
        if (_step >= 0)
            return _layers[layer].Apply(q_NHD, k_NHD, v_NHD, _slots, _step);
        _layers.Add(new(prompts, k_NHD, v_NHD, headDim, group, capacity));
        return PackedAttention.Apply(q_NHD, k_NHD, v_NHD, headDim, prompts);
    }

    /// <inheritdoc/>
    public void Dispose() => _layers.ForEach(layer => layer.Dispose());
}
