using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>Turns each merge square of patches into one token of the language model's width.</summary>
public sealed class PatchMerger : nn.Module
{
    private readonly LayerNormLayer norm;
    private readonly Linear linear_fc1, linear_fc2;
    private readonly bool _normalizeMerged;
    private readonly long _merged;

    /// <summary>Makes a merger.</summary>
    /// <param name="config">Geometry.</param>
    /// <param name="normalizeMerged">Whether the square is normalised as a whole (deepstack) or each patch alone (the last merger).</param>
    public PatchMerger(VisionConfig config, bool normalizeMerged) : base(nameof(PatchMerger))
    {
        (_normalizeMerged, _merged) = (normalizeMerged, (long)config.HiddenSize * config.SpatialMergeSize * config.SpatialMergeSize);
        norm = new(normalizeMerged ? _merged : config.HiddenSize, 1e-6);
        linear_fc1 = new(_merged, _merged, hasBias: true);
        linear_fc2 = new(_merged, config.OutHiddenSize, hasBias: true);
        RegisterComponents();
    }

    /// <summary>Merges.</summary>
    /// <param name="x_PH">Patches in merge order [P, hidden].</param>
    /// <returns>[P / square, language hidden].</returns>
    public Tensor Forward(Tensor x_PH)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor squares = _normalizeMerged ? norm.forward(x_PH.view(-1, _merged)) : norm.forward(x_PH).view(-1, _merged);
        return linear_fc2.forward(nn.functional.gelu(linear_fc1.forward(squares))).MoveToOuterDisposeScope();
    }
}
