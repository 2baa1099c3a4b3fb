using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>The layer normalisation of a checkpoint.</summary>
public sealed class LayerNormLayer : nn.Module<Tensor, Tensor>
{
    /// <summary>[width].</summary>
    public readonly Parameter weight;

    /// <summary>[width].</summary>
    public readonly Parameter bias;

    private readonly double _eps;
    private readonly long[] _shape;

    /// <summary>Makes the layer, uninitialised.</summary>
    /// <param name="width">Length of a row.</param>
    /// <param name="eps">Added to the variance.</param>
    public LayerNormLayer(long width, double eps) : base(nameof(LayerNormLayer))
    {
        (weight, bias, _eps, _shape) = (WeightMemory.Empty(width), WeightMemory.Empty(width), eps, [width]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x_ND) => x_ND.dtype == weight.dtype
        ? nn.functional.layer_norm(x_ND, _shape, weight, bias, _eps)
        : nn.functional.layer_norm(x_ND, _shape, weight.to(x_ND.dtype), bias.to(x_ND.dtype), _eps);
}
