using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>The attention of a vision block: queries, keys and values from one map, rotated by row and column.</summary>
public sealed class VisionAttention : nn.Module
{
    private readonly Linear qkv, proj;
    private readonly int _headDim;

    /// <summary>Makes the layer.</summary>
    /// <param name="config">Geometry.</param>
    public VisionAttention(VisionConfig config) : base(nameof(VisionAttention))
    {
        _headDim = config.HiddenSize / config.Heads;
        qkv = new(config.HiddenSize, 3 * config.HiddenSize, hasBias: true);
        proj = new(config.HiddenSize, config.HiddenSize, hasBias: true);
        RegisterComponents();
    }

    /// <summary>Attends.</summary>
    /// <param name="x_PH">Patches [P, hidden].</param>
    /// <param name="cos_PF">Rotary cosines [P, D / 2].</param>
    /// <param name="sin_PF">Rotary sines [P, D / 2].</param>
    /// <param name="layout">Which patches see each other.</param>
    public Tensor Forward(Tensor x_PH, Tensor cos_PF, Tensor sin_PF, PackedLayout layout)
    {
        Tensor[] parts = qkv.forward(x_PH).chunk(3, 1);
        Tensor q_PHD = Rotary.Apply(parts[0], null, 0, cos_PF, sin_PF), k_PHD = Rotary.Apply(parts[1], null, 0, cos_PF, sin_PF);
        return proj.forward(PackedAttention.Apply(q_PHD, k_PHD, parts[2], _headDim, layout));
    }
}
