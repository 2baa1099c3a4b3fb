using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Qwen25Vl;

/// <summary>Turns each merge square of patches into one token of the language model's width.</summary>
public sealed class PatchMerger : nn.Module
{
    private readonly RmsNormLayer ln_q;
    private readonly Maps mlp;
    private readonly long _merged;

    /// <summary>Makes the merger.</summary>
    /// <param name="config">Geometry.</param>
    public PatchMerger(VisionConfig config) : base(nameof(PatchMerger))
    {
        _merged = (long)config.HiddenSize * config.SpatialMergeSize * config.SpatialMergeSize;
        ln_q = new(config.HiddenSize, 1e-6);
        mlp = new(_merged, config.OutHiddenSize);
        RegisterComponents();
    }

    /// <summary>Merges.</summary>
    /// <param name="x_PH">Patches, those of a square next to each other [P, hidden].</param>
    /// <returns>[P / square, language hidden].</returns>
    public Tensor Forward(Tensor x_PH)
    {
        using DisposeScope scope = NewDisposeScope();
        return mlp.Forward(ln_q.forward(x_PH).view(-1, _merged)).MoveToOuterDisposeScope();
    }

    /// <summary>Two maps with an activation between, numbered in the checkpoint as three.</summary>
    private sealed class Maps : nn.Module
    {
        private readonly Linear _in, _out;

        public Maps(long merged, long width) : base(nameof(Maps))
        {
            (_in, _out) = (new(merged, merged, hasBias: true), new(merged, width, hasBias: true));
            register_module("0", _in);
            register_module("2", _out);
        }

        public Tensor Forward(Tensor x_MH) => _out.forward(nn.functional.gelu(_in.forward(x_MH)));
    }
}
