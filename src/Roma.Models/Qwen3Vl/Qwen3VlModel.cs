using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Processing;
using static TorchSharp.torch;
using Linear = Roma.Models.Layers.Linear;

namespace Roma.Models.Qwen3Vl;

/// <summary>
/// Qwen3-VL (dense): vision tower, language model, output head (Qwen3-VL technical report, arXiv 2511.21631). Parameters carry the keys of the published
/// checkpoints. All rows are packed (<see cref="PackedLayout"/>), there is no batch dimension.
/// </summary>
public sealed class Qwen3VlModel : nn.Module
{
    private readonly Body model;
    private readonly Linear? lm_head;
    private readonly RotaryTable _rotary;

    /// <summary>Makes a model whose weights are uninitialised.</summary>
    /// <param name="config">Geometry.</param>
    public Qwen3VlModel(ModelConfig config) : base(nameof(Qwen3VlModel))
    {
        Config = config;
        model = new(config);
        lm_head = config.TieWordEmbeddings ? null : new(config.Text.HiddenSize, config.Text.VocabSize, hasBias: false);
        _rotary = new(config.Text);
        RegisterComponents();
    }

    /// <summary>Geometry and special tokens.</summary>
    public ModelConfig Config { get; }

    /// <summary>The output head [V, H]: the embedding itself where the checkpoint ties them.</summary>
    public Tensor Head_VH => lm_head is null ? model.language_model.Embedding : lm_head.weight;

    /// <summary>Where the weights lie.</summary>
    public Device Device => model.language_model.Embedding.device;

    /// <summary>If set, shown every intermediate by the name that reference values use (<c>vision.block.0</c>, <c>text.layer.1</c>, ...).</summary>
    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>Encodes pictures once; the features serve every prompt row that shows them.</summary>
    /// <param name="patches_PC">Flattened patches of all pictures [P, channels x frames x side x side].</param>
    /// <param name="grids">Their grids.</param>
    public VisionFeatures Encode(Tensor patches_PC, IReadOnlyList<Grid> grids) => model.visual.Forward(patches_PC, grids, Probe);

    /// <summary>Runs the language model up to its final normalisation.</summary>
    /// <param name="tokens">Token rows.</param>
    /// <param name="features">Features of the pictures in them, or null.</param>
    /// <param name="context">What rows attend to; a packed batch by default.</param>
    /// <param name="rows_M">The rows that are wanted [M], int64, in this order; null: all.</param>
    /// <returns>Hidden states [N, H] or [M, H], not yet normalised.</returns>
    public Tensor Forward(TokenBatch tokens, VisionFeatures? features, IAttentionContext? context = null, Tensor? rows_M = null) =>
        model.language_model.Forward(tokens, features, context ?? new PackedContext(tokens.Layout), rows_M, Probe);

    /// <summary>The final normalisation of the rows whose logits are wanted.</summary>
    /// <param name="hidden_NH">Rows of <see cref="Forward"/>.</param>
    public Tensor Normalize(Tensor hidden_NH) => model.language_model.Normalize(hidden_NH);

    /// <summary>Puts token rows with their positions on the model's device.</summary>
    /// <param name="ids">Token ids, packed as the layout says.</param>
    /// <param name="positions">Rotary position (time, height, width) of each row.</param>
    /// <param name="layout">How the rows are packed.</param>
    public TokenBatch Tokens(ReadOnlySpan<int> ids, ReadOnlySpan<(int T, int H, int W)> positions, PackedLayout layout)
    {
        long[] wide = new long[ids.Length];
        var visual = new List<long>();
        for (int n = 0; n < ids.Length; n++)
        {
            wide[n] = ids[n];
            if (ids[n] == Config.ImageTokenId)
                visual.Add(n);
        }
        (Tensor cos_NF, Tensor sin_NF) = _rotary.Angles(positions, Device);
        return new(tensor(wide, device: Device), cos_NF, sin_NF, visual.Count == 0 ? null : tensor(visual.ToArray(), device: Device), layout);
    }

    /// <summary>Draws weights: matrices normal, biases zero, norms one.</summary>
    /// <param name="seed">Every seed gives other weights, on every machine the same.</param>
    /// <param name="deviation">
    /// Standard deviation of matrices and embeddings, as the reference draws them; null for a model that is trained from scratch in minutes: matrices 1 / sqrt(inputs), embeddings 0.1, and the
    /// patch embedding 5 times as wide, since neighbouring pixels are nearly equal and their contrast would drown (the digit grid is read after 300 steps of warm start instead of 900).
    /// </param>
    public void Initialize(long seed, double? deviation = null)
    {
        const double embedding = 0.1, patchGain = 5;
        using IDisposable _ = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in named_parameters())
        {
            if (parameter.dim() == 1)
            {
                parameter.fill_(Scalars.Of(name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1));
                continue;
            }
            double inputs = parameter.numel() / (double)parameter.shape[0];
            using Tensor drawn = randn(parameter.shape, generator: generator).mul_(Scalars.Of(deviation
                ?? (name.Contains("embed.weight", StringComparison.Ordinal) || name.Contains("embed_tokens", StringComparison.Ordinal) ? embedding
                : (name.Contains("patch_embed", StringComparison.Ordinal) ? patchGain : 1) / Math.Sqrt(inputs))));
            parameter.copy_(drawn);
        }
    }

    private sealed class Body : nn.Module
    {
        public readonly VisionTower visual;
        public readonly LanguageModel language_model;

        public Body(ModelConfig config) : base(nameof(Body))
        {
            visual = new(config.Vision);
            language_model = new(config.Text);
            RegisterComponents();
        }
    }
}
