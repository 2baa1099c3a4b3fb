using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>What a decoder layer attends to: the rows of a packed batch, or a cache of earlier tokens. Layers know no other difference between training and decoding.</summary>
public interface IAttentionContext
{
    /// <summary>Attends with the queries of a layer to its keys and values, and to whatever the context holds.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="q_NHD">Queries [N, Hq * D], rotated.</param>
    /// <param name="k_NHD">Keys [N, Hkv * D], rotated.</param>
    /// <param name="v_NHD">Values [N, Hkv * D].</param>
    /// <param name="headDim">D.</param>
    /// <returns>[N, Hq * D].</returns>
    Tensor Attend(int layer, Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim);
}
