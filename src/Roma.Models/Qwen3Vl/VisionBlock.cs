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

    /// <summary>Transforms patches.</summary>
    /// <param name="x_PH">Residual stream [P, hidden].</param>
    /// <param name="cos_PF">Rotary cosines [P, D / 2].</param>
    /// <param name="sin_PF">Rotary sines [P, D / 2].</param>
    /// <param name="layout">Which patches see each other.</param>
    public Tensor Forward(Tensor x_PH, Tensor cos_PF, Tensor sin_PF, PackedLayout layout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended_PH = x_PH.add(attn.Forward(norm1.forward(x_PH), cos_PF, sin_PF, layout), Scalars.One);
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
