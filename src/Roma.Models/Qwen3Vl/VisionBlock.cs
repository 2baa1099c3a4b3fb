using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>One block of the vision tower: attention within a frame and an MLP, each on a layer-normalised residual stream.</summary>
public sealed class VisionBlock : nn.Module
{
    private readonly VisionAttention attn;
    private readonly Mlp mlp;
    private readonly LayerNormLayer norm1, norm2;

    /// <summary>Makes a block.</summary>
    /// <param name="config">Geometry.</param>
    public VisionBlock(VisionConfig config) : base(nameof(VisionBlock))
    {
        attn = new(config);
        mlp = new(config);
        norm1 = new(config.HiddenSize, 1e-6);
        norm2 = new(config.HiddenSize, 1e-6);
        RegisterComponents();
    }

    internal Tensor Forward(Tensor x_PH, VisionGeometry geometry)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended_PH = x_PH.add(attn.Forward(norm1.forward(x_PH), geometry.Cos_PF, geometry.Sin_PF, geometry.Layout), Scalars.One);
        return attended_PH.add(mlp.Forward(norm2.forward(attended_PH)), Scalars.One).MoveToOuterDisposeScope();
    }

    private sealed class Mlp : nn.Module
    {
        private readonly Linear linear_fc1, linear_fc2;

        public Mlp(VisionConfig config) : base(nameof(Mlp))
        {
            linear_fc1 = new(config.HiddenSize, config.IntermediateSize, hasBias: true);
            linear_fc2 = new(config.IntermediateSize, config.HiddenSize, hasBias: true);
            RegisterComponents();
        }

        public Tensor Forward(Tensor x_PH) => linear_fc2.forward(nn.functional.gelu(linear_fc1.forward(x_PH), TorchSharp.Modules.GELU.Approximate.tanh));
    }
}
