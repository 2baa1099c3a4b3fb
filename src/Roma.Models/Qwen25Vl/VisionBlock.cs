using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Qwen25Vl;

/// <summary>One block of the vision tower: attention within windows or frames and a gated MLP, each on an RMS-normalised residual stream.</summary>
public sealed class VisionBlock : nn.Module
{
    private readonly VisionAttention attn;
    private readonly GatedMlp mlp;
    private readonly RmsNormLayer norm1, norm2;

    /// <summary>Makes a block.</summary>
    /// <param name="config">Geometry.</param>
    public VisionBlock(VisionConfig config) : base(nameof(VisionBlock))
    {
        attn = new(config);
        mlp = new(config.HiddenSize, config.IntermediateSize, hasBias: true);
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
}
