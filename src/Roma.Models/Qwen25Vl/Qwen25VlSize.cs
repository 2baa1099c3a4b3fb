using System.Text.Json.Nodes;
using Roma.Models.Families;
using Roma.Models.Tokenization;

namespace Roma.Models.Qwen25Vl;

/// <summary>The sizes of a Qwen2.5-VL model, from which a configuration is written.</summary>
public sealed record Qwen25VlSize : IModelSize
{
    /// <summary>Every size by its name: a small one for tests, and the geometries that were published.</summary>
    public static IReadOnlyDictionary<string, IModelSize> Named { get; } = new Dictionary<string, IModelSize>
    {
        ["nano"] = new Qwen25VlSize(),
        ["3b"] = Published(2048, 11008, 36, 16, 2) with { Tied = true },
        ["7b"] = Published(3584, 18944, 28, 28, 4) with { Vocabulary = 152064 },
    };

    /// <summary>Rows of the embedding.</summary>
    public int Vocabulary { get; init; } = 384;

    /// <summary>Whether the embedding is also the head.</summary>
    public bool Tied { get; init; }

    /// <summary>Width of the language model.</summary>
    public int Hidden { get; init; } = 96;

    /// <summary>Width of its gated feed-forward layers.</summary>
    public int Mlp { get; init; } = 256;

    /// <summary>Number of decoder layers.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Number of query heads; each is <see cref="Hidden"/> / <see cref="Heads"/> wide.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Number of key and value heads.</summary>
    public int KeyValueHeads { get; init; } = 2;

    /// <summary>Rotary frequency pairs of time, height, width; half of the width of a head in all.</summary>
    public IReadOnlyList<int> MropeSection { get; init; } = [4, 4, 4];

    /// <summary>Longest context.</summary>
    public int MaxPositions { get; init; } = 4096;

    /// <summary>Width of the vision tower.</summary>
    public int VisionHidden { get; init; } = 64;

    /// <summary>Width of its gated feed-forward layers.</summary>
    public int VisionMlp { get; init; } = 128;

    /// <summary>Number of its blocks.</summary>
    public int VisionDepth { get; init; } = 2;

    /// <summary>Number of its heads.</summary>
    public int VisionHeads { get; init; } = 4;

    /// <summary>Blocks that attend beyond their window.</summary>
    public IReadOnlyList<int> FullAttentionLayers { get; init; } = [1];

    /// <summary>Side of an attention window in pixels.</summary>
    public int WindowSize { get; init; } = 32;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 8;

    /// <summary>Smallest and largest area of a picture in pixels after resizing.</summary>
    public (int Min, int Max) Pixels { get; init; } = (64 * 64, 64 * 64);

    /// <inheritdoc/>
    public JsonObject Config(Tokenizer tokenizer) => new()
    {
        ["architectures"] = new JsonArray("Qwen2_5_VLForConditionalGeneration"),
        ["model_type"] = "qwen2_5_vl",
        ["torch_dtype"] = "float32",
        ["tie_word_embeddings"] = Tied,
        ["vocab_size"] = Vocabulary, ["hidden_size"] = Hidden, ["intermediate_size"] = Mlp, ["num_hidden_layers"] = Layers, ["num_attention_heads"] = Heads, ["num_key_value_heads"] = KeyValueHeads,
        ["hidden_act"] = "silu", ["rms_norm_eps"] = 1e-6, ["attention_dropout"] = 0.0, ["max_position_embeddings"] = MaxPositions, ["use_cache"] = true,
        ["use_sliding_window"] = false, ["sliding_window"] = 32768, ["max_window_layers"] = Layers,
        ["rope_theta"] = 1e6, ["rope_scaling"] = new JsonObject { ["type"] = "mrope", ["mrope_section"] = Numbers(MropeSection) },
        ["bos_token_id"] = tokenizer.IdOf("<|endoftext|>"), ["eos_token_id"] = tokenizer.IdOf("<|im_end|>"),
        ["image_token_id"] = tokenizer.IdOf("<|image_pad|>"), ["video_token_id"] = tokenizer.IdOf("<|video_pad|>"),
        ["vision_start_token_id"] = tokenizer.IdOf("<|vision_start|>"), ["vision_end_token_id"] = tokenizer.IdOf("<|vision_end|>"), ["vision_token_id"] = tokenizer.IdOf("<|vision_pad|>"),
        ["vision_config"] = new JsonObject
        {
            ["model_type"] = "qwen2_5_vl", ["depth"] = VisionDepth, ["hidden_size"] = VisionHidden, ["intermediate_size"] = VisionMlp, ["num_heads"] = VisionHeads, ["hidden_act"] = "silu",
            ["in_chans"] = 3, ["out_hidden_size"] = Hidden, ["patch_size"] = PatchSize, ["spatial_patch_size"] = PatchSize, ["spatial_merge_size"] = 2, ["temporal_patch_size"] = 2,
            ["window_size"] = WindowSize, ["fullatt_block_indexes"] = Numbers(FullAttentionLayers), ["tokens_per_second"] = 2,
        },
    };

    /// <inheritdoc/>
    public JsonObject Preprocessor() => new()
    {
        ["image_processor_type"] = "Qwen2VLImageProcessor", ["processor_class"] = "Qwen2_5_VLProcessor", ["patch_size"] = PatchSize, ["merge_size"] = 2, ["temporal_patch_size"] = 2,
        ["min_pixels"] = Pixels.Min, ["max_pixels"] = Pixels.Max,
        ["size"] = new JsonObject { ["shortest_edge"] = Pixels.Min, ["longest_edge"] = Pixels.Max },
        ["image_mean"] = new JsonArray(0.48145466, 0.4578275, 0.40821073), ["image_std"] = new JsonArray(0.26862954, 0.26130258, 0.27577711),
    };

    private static Qwen25VlSize Published(int hidden, int mlp, int layers, int heads, int keyValueHeads) => new()
    {
        Vocabulary = 151936, Hidden = hidden, Mlp = mlp, Layers = layers, Heads = heads, KeyValueHeads = keyValueHeads, MropeSection = [16, 24, 24], MaxPositions = 128000,
        VisionHidden = 1280, VisionMlp = 3420, VisionDepth = 32, VisionHeads = 16, FullAttentionLayers = [7, 15, 23, 31], WindowSize = 112, PatchSize = 14, Pixels = (3136, 12845056),
    };

    private static JsonArray Numbers(IEnumerable<int> values) => [.. values.Select(value => (JsonNode)value)];
}
