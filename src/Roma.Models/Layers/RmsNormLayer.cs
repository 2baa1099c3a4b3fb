using Roma.Models.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>The RMS normalisation layer of a checkpoint: a weight and an epsilon.</summary>
public sealed class RmsNormLayer : nn.Module<Tensor, Tensor>
{
    /// <summary>[width].</summary>
    public readonly Parameter weight;

    /// <summary>Makes the layer, uninitialised.</summary>
    /// <param name="width">Length of a row.</param>
    /// <param name="eps">Added to the mean square.</param>
    public RmsNormLayer(long width, double eps) : base(nameof(RmsNormLayer))
    {
        weight = WeightMemory.Empty(width);
        Eps = eps;
        RegisterComponents();
    }

    /// <summary>Added to the mean square.</summary>
    public double Eps { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x_ND) => RmsNorm.Apply(x_ND, weight, Eps);
}
