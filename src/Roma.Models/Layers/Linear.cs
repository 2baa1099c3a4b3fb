using Roma.Core;
using Roma.Models.Kernels;
using Roma.Models.Lora;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// A linear map <c>x W^T + b</c> whose memory is left uninitialised until weights are loaded or drawn; weights of another type than the rows are cast. With an adapter (LoRA, Hu et al., 2021) it is
/// <c>x W^T + b + scale (x A^T) B^T</c>, of which a pass that is told so (<see cref="DropoutKeys"/>) drops elements of the second x.
/// </summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    /// <summary>[out, in].</summary>
    public readonly Parameter weight;

    /// <summary>[out], or null.</summary>
    public readonly Parameter? bias;

    private Linear? _down, _up;
    private Scalar _scale = Scalars.One, _droppedScale = Scalars.One;
    private double _dropout;
    private ulong _key;

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
        if (_down is null)
            return y_NO;
        return _dropout > 0 && DropoutRows.Current is { } rows
            ? y_NO.add(_up!.forward(_down.forward(rows.Drop(x_NI, _dropout, _key))), _droppedScale)
            : y_NO.add(_up!.forward(_down.forward(x_NI)), _scale);
    }

    /// <summary>Adds an adapter in fp32, its weights uninitialised: parameters <c>lora_A.weight</c> [rank, in] and <c>lora_B.weight</c> [out, rank].</summary>
    internal (Parameter A, Parameter B) Attach(LoraSettings settings, string name)
    {
        int rank = settings.Rank;
        using (WeightMemory.Use(ScalarType.Float32, weight.device))
            (_down, _up, _scale) = (new(weight.shape[1], rank, hasBias: false), new(rank, weight.shape[0], hasBias: false), Scalars.Of(settings.Scale));
        (_dropout, _droppedScale, _key) = (settings.Dropout, Scalars.Of(settings.Scale / (1 - settings.Dropout)), CounterRandom.Key(name));
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
