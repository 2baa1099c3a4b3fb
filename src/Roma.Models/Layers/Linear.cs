using Roma.Models.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// A linear map <c>x W^T + b</c> whose memory is left uninitialised until weights are loaded or drawn; weights of another type than the rows are cast. With an adapter (LoRA, Hu et al., 2021) it is
/// <c>x W^T + b + scale (x A^T) B^T</c>.
/// </summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    /// <summary>[out, in].</summary>
    public readonly Parameter weight;

    /// <summary>[out], or null.</summary>
    public readonly Parameter? bias;

    private Linear? _down, _up;
    private Scalar _scale = Scalars.One;

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
    public override Tensor forward(Tensor x_NI)
    {
        Tensor y_NO = LinearMap.Apply(x_NI, weight, bias);
        return _down is null ? y_NO : y_NO.add(_up!.forward(_down.forward(x_NI)), _scale);
    }

    /// <summary>Adds an adapter in fp32, its weights uninitialised: parameters <c>lora_A.weight</c> [rank, in] and <c>lora_B.weight</c> [out, rank].</summary>
    internal (Parameter A, Parameter B) Attach(long rank, double scale)
    {
        using (WeightMemory.Use(ScalarType.Float32, weight.device))
            (_down, _up, _scale) = (new(weight.shape[1], rank, hasBias: false), new(rank, weight.shape[0], hasBias: false), Scalars.Of(scale));
        register_module("lora_A", _down);
        register_module("lora_B", _up);
        return (_down.weight, _up.weight);
    }

    /// <summary>Adds the adapter's product to the matrix and lets it rest.</summary>
    internal void Merge()
    {
        if (_down is null)
            return;
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        weight.copy_(weight.to(ScalarType.Float32).add(_up!.weight.mm(_down.weight), _scale));
        (_down, _up) = (null, null);
    }
}
