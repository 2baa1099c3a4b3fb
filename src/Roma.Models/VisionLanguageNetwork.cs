using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Layers;
using Roma.Models.Lora;
using Roma.Models.Processing;
using static TorchSharp.torch;
using Linear = Roma.Models.Layers.Linear;

namespace Roma.Models;

/// <summary>
/// Vision tower, language model and output head of a family. Parameters are named as in the reference implementation's modules. All rows are packed (<see cref="PackedLayout"/>), there is no
/// batch dimension.
/// </summary>
public sealed class VisionLanguageNetwork : nn.Module
{
    private readonly Body model;
    private readonly Linear? lm_head;
    private readonly RotaryTable _rotary;

    /// <summary>Makes a network whose weights are uninitialised; no page of their memory is touched.</summary>
    /// <param name="config">Geometry; its architecture names the family.</param>
    /// <param name="type">The weights' type.</param>
    /// <param name="device">Where they lie; the CPU where null.</param>
    public VisionLanguageNetwork(ModelConfig config, ScalarType type = ScalarType.Float32, Device? device = null) : base(nameof(VisionLanguageNetwork))
    {
        Config = config;
        var family = ModelFamilies.Of(config.Architecture);
        using (WeightMemory.Use(type, device))
        {
            model = new(config, family);
            lm_head = config.TieWordEmbeddings ? null : new(config.Text.HiddenSize, config.Text.VocabSize, hasBias: false);
        }
        _rotary = new(config.Text);
        RegisterComponents();
    }

    /// <summary>Geometry and special tokens.</summary>
    public ModelConfig Config { get; }

    /// <summary>The output head [V, H] in <see cref="ComputeType"/>: the embedding itself where the checkpoint ties them.</summary>
    public Tensor Head_VH
    {
        get
        {
            Tensor head_VH = lm_head is null ? model.language_model.Embedding : lm_head.weight;
            return head_VH.dtype == ComputeType ? head_VH : head_VH.to(ComputeType);
        }
    }

    /// <summary>Where the weights lie.</summary>
    public Device Device => model.language_model.Embedding.device;

    /// <summary>The weights' type.</summary>
    public ScalarType WeightType => model.language_model.Embedding.dtype;

    /// <summary>
    /// The type in which activations are computed: the weights' own, unless set. fp32 weights with a bf16 computation are master weights: each is cast where it is used, and gets its gradient in fp32.
    /// Log-probabilities, statistics of norms and rotary angles are fp32 always.
    /// </summary>
    public ScalarType ComputeType
    {
        get => model.language_model.ComputeType ?? WeightType;
        set => model.visual.ComputeType = model.language_model.ComputeType = value;
    }

    /// <summary>Whether layers keep their inputs alone for the backward pass and compute the rest again there: a third more work, memory of one layer instead of all.</summary>
    public bool Recompute
    {
        get => model.language_model.Recompute;
        set => model.visual.Recompute = model.language_model.Recompute = value;
    }

    /// <summary>If set, shown every intermediate by the name that reference values use (<c>vision.block.0</c>, <c>text.layer.1</c>, ...).</summary>
    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>Encodes pictures once; the features serve every prompt row that shows them.</summary>
    /// <param name="patches_PC">Flattened patches of all pictures [P, channels x frames x side x side].</param>
    /// <param name="grids">Their grids.</param>
    /// <param name="dropout">A key for each picture, where adapters drop inputs (<see cref="DropoutKeys.OfPicture"/>); null: nothing is dropped.</param>
    public VisionFeatures Encode(Tensor patches_PC, IReadOnlyList<Grid> grids, IReadOnlyList<ulong>? dropout = null)
    {
        using IDisposable? frozen = patches_PC.requires_grad || model.visual.parameters().Any(parameter => parameter.requires_grad) ? null : no_grad();
        using DropoutRows.Scope _ = DropoutRows.Use(DropoutRows.Of([.. grids.Select(grid => grid.Patches)], dropout));
        return model.visual.Forward(patches_PC, grids, Probe);
    }

    /// <summary>Runs the language model up to its final normalisation.</summary>
    /// <param name="tokens">Token rows.</param>
    /// <param name="features">Features of the pictures in them, or null.</param>
    /// <param name="context">What rows attend to; a packed batch by default.</param>
    /// <param name="rows_M">The rows that are wanted [M], int64, in this order; null: all.</param>
    /// <returns>Hidden states [N, H] or [M, H], not yet normalised.</returns>
    public Tensor Forward(TokenBatch tokens, VisionFeatures? features, IAttentionContext? context = null, Tensor? rows_M = null)
    {
        using DropoutRows.Scope _ = DropoutRows.Use(tokens.Dropout);
        return model.language_model.Forward(tokens, features, context ?? new PackedContext(tokens.Layout), rows_M, Probe);
    }

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

    private sealed class Body : nn.Module
    {
        public readonly VisionEncoder visual;
        public readonly LanguageModel language_model;

        public Body(ModelConfig config, IModelFamily family) : base(nameof(Body))
        {
            visual = family.Vision(config.Vision);
            language_model = family.Language(config.Text);
            RegisterComponents();
        }
    }
}
