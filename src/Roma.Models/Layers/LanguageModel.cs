using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>The language model: embedding, decoder layers with the vision tower's deepstack features (where it has them) added to the first of them, final normalisation.</summary>
public sealed class LanguageModel : nn.Module
{
    private readonly EmbeddingTable embed_tokens;
    private readonly ModuleList<DecoderLayer> layers;
    private readonly RmsNormLayer norm;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Geometry.</param>
    /// <param name="style">The family's attention.</param>
    public LanguageModel(TextConfig config, AttentionStyle style) : base(nameof(LanguageModel))
    {
        embed_tokens = new(config.VocabSize, config.HiddenSize);
        layers = new([.. Enumerable.Range(0, config.Layers).Select(i => new DecoderLayer(config, i, style))]);
        norm = new(config.HiddenSize, config.RmsNormEps);
        RegisterComponents();
    }

    /// <summary>The embedding matrix [V, H].</summary>
    public Parameter Embedding => embed_tokens.weight;

    /// <summary>The type in which it computes; weights of another type are cast where they are used. Null: the weights' own.</summary>
    public ScalarType? ComputeType { get; set; }

    /// <summary>Whether layers keep their inputs alone for the backward pass and compute the rest again.</summary>
    public bool Recompute { get; set; }

    /// <summary>The last layer's output before the final normalisation, [N, H], or [M, H] of the rows that are wanted.</summary>
    /// <param name="tokens">The rows.</param>
    /// <param name="features">Features of their pictures, or null.</param>
    /// <param name="context">What rows attend to.</param>
    /// <param name="rows_M">The rows that are wanted [M], int64, in this order; null: all.</param>
    /// <param name="probe">Shown each intermediate by the name that the reference values use.</param>
    public Tensor Forward(TokenBatch tokens, VisionFeatures? features, IAttentionContext context, Tensor? rows_M = null, Action<string, Tensor>? probe = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x_NH = embed_tokens.weight.index_select(0, tokens.Ids_N);
        if (ComputeType is { } type)
            x_NH = x_NH.to(type);
        if (features is not null)
            x_NH = x_NH.index_copy(0, tokens.VisualRows_M!, features.Merged_MH);
        probe?.Invoke("text.embeddings", x_NH);
        int lastLayer = rows_M is null || features?.Deepstack_MH.Count >= layers.Count ? -1 : layers.Count - 1;
        for (int i = 0; i < layers.Count; i++)
        {
            // After the last attention only the rows whose logits are asked for go on: a sixth of the last layer's work is spared.
            DecoderLayer layer = layers[i];
            x_NH = Recomputed.If(Recompute, (x, given) => layer.Forward(x, given[0], given[1], context, given.ElementAtOrDefault(2)), x_NH,
                i == lastLayer ? [tokens.Cos_NF, tokens.Sin_NF, rows_M!] : [tokens.Cos_NF, tokens.Sin_NF]);
            probe?.Invoke($"text.layer.{i}", x_NH);
            if (features is not null && i < features.Deepstack_MH.Count)
                x_NH = x_NH.index_add(0, tokens.VisualRows_M!, features.Deepstack_MH[i], Scalars.One);
        }
        return (rows_M is null || lastLayer >= 0 ? x_NH : x_NH.index_select(0, rows_M)).MoveToOuterDisposeScope();
    }

    /// <summary>The final normalisation, of the rows whose logits are wanted.</summary>
    /// <param name="x_NH">Rows of <see cref="Forward"/>.</param>
    public Tensor Normalize(Tensor x_NH) => norm.forward(x_NH);
}
