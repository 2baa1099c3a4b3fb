using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>A convolution whose stride is its kernel: a linear map of flattened patches.</summary>
public sealed class PatchEmbedding : nn.Module
{
    private readonly Projection proj;

    /// <summary>Makes the layer.</summary>
    /// <param name="config">Geometry.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public PatchEmbedding(VisionConfig config, bool hasBias) : base(nameof(PatchEmbedding))
    {
        proj = new(config, hasBias);
        RegisterComponents();
    }

    /// <summary>Embeds patches.</summary>
    /// <param name="patches_PC">Flattened patches [P, channels x frames x side x side].</param>
    /// <param name="type">The result's type; null: the weights'.</param>
    /// <returns>[P, hidden].</returns>
    public Tensor Forward(Tensor patches_PC, ScalarType? type = null) =>
        LinearMap.Apply(patches_PC.to(type ?? proj.weight.dtype), proj.weight.view(proj.weight.shape[0], -1), proj.bias);

    private sealed class Projection : nn.Module
    {
        public readonly Parameter weight;
        public readonly Parameter? bias;

        public Projection(VisionConfig config, bool hasBias) : base(nameof(Projection))
        {
            weight = WeightMemory.Empty(config.HiddenSize, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize);
            bias = hasBias ? WeightMemory.Empty(config.HiddenSize) : null;
            RegisterComponents();
        }
    }
}
