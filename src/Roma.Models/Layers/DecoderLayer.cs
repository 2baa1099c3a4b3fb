using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>One layer of the language model: grouped-query attention with rotated queries and keys, then a gated MLP, each on a normalised residual stream.</summary>
public sealed class DecoderLayer : nn.Module
{
    private readonly Attention self_attn;
    private readonly GatedMlp mlp;
    private readonly RmsNormLayer input_layernorm, post_attention_layernorm;

    /// <summary>Makes layer <paramref name="index"/>.</summary>
    /// <param name="config">Geometry.</param>
    /// <param name="index">Position in the stack.</param>
    /// <param name="style">The family's attention.</param>
    public DecoderLayer(TextConfig config, int index, AttentionStyle style) : base(nameof(DecoderLayer))
    {
        self_attn = new(config, index, style);
        mlp = new(config.HiddenSize, config.IntermediateSize, hasBias: false);
        input_layernorm = new(config.HiddenSize, config.RmsNormEps);
        post_attention_layernorm = new(config.HiddenSize, config.RmsNormEps);
        RegisterComponents();
    }

    /// <summary>Transforms the rows.</summary>
    /// <param name="x_NH">Residual stream [N, hidden].</param>
    /// <param name="cos_NF">Rotary cosines [N, D / 2].</param>
    /// <param name="sin_NF">Rotary sines [N, D / 2].</param>
    /// <param name="context">What the rows attend to.</param>
    /// <param name="rows_M">The rows that are wanted [M], int64; the others are only attended to. Null: all.</param>
    /// <returns>[M, hidden] or [N, hidden].</returns>
    public Tensor Forward(Tensor x_NH, Tensor cos_NF, Tensor sin_NF, IAttentionContext context, Tensor? rows_M = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept_NH = rows_M is null ? x_NH : x_NH.index_select(0, rows_M);
        Tensor attended_NH = kept_NH.add(self_attn.Forward(input_layernorm.forward(x_NH), cos_NF, sin_NF, context, rows_M), Scalars.One);
        using DropoutRows.Scope _ = DropoutRows.Narrow(rows_M);
        return attended_NH.add(mlp.Forward(post_attention_layernorm.forward(attended_NH)), Scalars.One).MoveToOuterDisposeScope();
    }

    private sealed class Attention : nn.Module
    {
        private readonly Linear q_proj, k_proj, v_proj, o_proj;
        private readonly RmsNormLayer? q_norm, k_norm;
        private readonly int _headDim, _layer;

        public Attention(TextConfig config, int layer, AttentionStyle style) : base(nameof(Attention))
        {
            (_headDim, _layer) = (config.HeadDim, layer);
            q_proj = new(config.HiddenSize, config.Heads * config.HeadDim, style.InputBias);
            k_proj = new(config.HiddenSize, config.KeyValueHeads * config.HeadDim, style.InputBias);
            v_proj = new(config.HiddenSize, config.KeyValueHeads * config.HeadDim, style.InputBias);
            o_proj = new(config.Heads * config.HeadDim, config.HiddenSize, style.OutputBias);
            q_norm = style.HeadNorm ? new(config.HeadDim, config.RmsNormEps) : null;
            k_norm = style.HeadNorm ? new(config.HeadDim, config.RmsNormEps) : null;
            RegisterComponents();
        }

        public Tensor Forward(Tensor x_NH, Tensor cos_NF, Tensor sin_NF, IAttentionContext context, Tensor? rows_M)
        {
            Tensor q_NHD = Rotary.Apply(q_proj.forward(x_NH), q_norm?.weight, q_norm?.Eps ?? 0, cos_NF, sin_NF);
            Tensor k_NHD = Rotary.Apply(k_proj.forward(x_NH), k_norm?.weight, k_norm?.Eps ?? 0, cos_NF, sin_NF);
            Tensor o_NHD = context.Attend(_layer, q_NHD, k_NHD, v_proj.forward(x_NH), _headDim);
            using DropoutRows.Scope _ = DropoutRows.Narrow(rows_M);
            return o_proj.forward(rows_M is null ? o_NHD : o_NHD.index_select(0, rows_M));
        }
    }
}
