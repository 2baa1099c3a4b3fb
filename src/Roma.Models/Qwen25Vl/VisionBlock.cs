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

    internal Tensor Forward(Tensor x_PH, WindowGeometry geometry, PackedLayout layout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended_PH = x_PH.add(attn.Forward(norm1.forward(x_PH), geometry.Cos_PF, geometry.Sin_PF, layout), Scalars.One);
        return attended_PH.add(mlp.Forward(norm2.forward(attended_PH)), Scalars.One).MoveToOuterDisposeScope();
    }
}
