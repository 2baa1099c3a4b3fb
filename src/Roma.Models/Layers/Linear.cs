using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>A linear map <c>x W^T + b</c> whose memory is left uninitialised until weights are loaded or drawn. Weights of another type than the rows are cast.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    /// <summary>[out, in].</summary>
    public readonly Parameter weight;

    /// <summary>[out], or null.</summary>
    public readonly Parameter? bias;

    /// <summary>Makes the layer.</summary>
    /// <param name="inFeatures">Columns of the input.</param>
    /// <param name="outFeatures">Columns of the output.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public Linear(long inFeatures, long outFeatures, bool hasBias) : base(nameof(Linear))
    {
        weight = WeightMemory.Empty(outFeatures, inFeatures);
        bias = hasBias ? WeightMemory.Empty(outFeatures) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x_NI) => x_NI.dtype == weight.dtype
        ? nn.functional.linear(x_NI, weight, bias)
        : nn.functional.linear(x_NI, weight.to(x_NI.dtype), bias?.to(x_NI.dtype));
}
