using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>Attention within a packed batch: training, scoring.</summary>
/// <param name="layout">How its rows are packed.</param>
public sealed class PackedContext(PackedLayout layout) : IAttentionContext
{
    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim) => PackedAttention.Apply(q_NHD, k_NHD, v_NHD, headDim, layout);
}
