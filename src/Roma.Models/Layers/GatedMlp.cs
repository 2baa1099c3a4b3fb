using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>The gated feed-forward layer of a decoder or a vision block: <c>down(silu(gate(x)) * up(x))</c>.</summary>
public sealed class GatedMlp : nn.Module
{
    private readonly Linear gate_proj, up_proj, down_proj;

    /// <summary>Makes the layer.</summary>
    /// <param name="width">Columns of input and output.</param>
    /// <param name="inner">Columns between.</param>
    /// <param name="hasBias">Whether its maps have biases.</param>
    public GatedMlp(long width, long inner, bool hasBias) : base(nameof(GatedMlp))
    {
        gate_proj = new(width, inner, hasBias);
        up_proj = new(width, inner, hasBias);
        down_proj = new(inner, width, hasBias);
        RegisterComponents();
    }

    /// <summary>Transforms rows.</summary>
    /// <param name="x_NH">[N, width].</param>
    public Tensor Forward(Tensor x_NH) => down_proj.forward(SwiGlu.Apply(gate_proj.forward(x_NH), up_proj.forward(x_NH)));
}
