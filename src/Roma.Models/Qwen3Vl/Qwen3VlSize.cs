using System.Text.Json.Nodes;
using Roma.Models.Families;
using Roma.Models.Tokenization;

namespace Roma.Models.Qwen3Vl;

/// <summary>The sizes of a Qwen3-VL model, from which a configuration is written.</summary>
public sealed record Qwen3VlSize : IModelSize
{
    /// <summary>
    /// The model of the demo and of the benchmarks: 8x8 patches make 16 tokens of a 64x64 picture; rows and heads are multiples of 8 wide, so that the fused kernels apply.
    /// </summary>
    public static Qwen3VlSize Nano { get; } = new();

    /// <summary>Every size by its name: the embedded one, and the geometries that were published.</summary>
    public static IReadOnlyDictionary<string, IModelSize> Named { get; } = new Dictionary<string, IModelSize>
    {
        ["nano"] = Nano,
        ["2b"] = Published(2048, 6144, 28, 16),
        ["4b"] = Published(2560, 9728, 36, 32),
        ["8b"] = Large(Published(4096, 12288, 36, 32)),
        ["32b"] = Large(Published(5120, 25600, 64, 64)),
    };

    /// <summary>Rows of the embedding.</summary>
    public int Vocabulary { get; init; } = 384;

    /// <summary>Whether the embedding is also the head.</summary>
    public bool Tied { get; init; } = true;

    /// <summary>Width of the language model.</summary>
    public int Hidden { get; init; } = 96;

    /// <summary>Width of its gated feed-forward layers.</summary>
    public int Mlp { get; init; } = 256;

    /// <summary>Number of decoder layers.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Number of query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Number of key and value heads.</summary>
    public int KeyValueHeads { get; init; } = 4;

    /// <summary>Width of a head.</summary>
    public int HeadDim { get; init; } = 24;

    /// <summary>Rotary frequency pairs of time, height, width; half of <see cref="HeadDim"/> in all.</summary>
    public IReadOnlyList<int> MropeSection { get; init; } = [4, 4, 4];

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 100;

    /// <summary>Longest context.</summary>
    public int MaxPositions { get; init; } = 4096;

    /// <summary>Width of the vision tower.</summary>
    public int VisionHidden { get; init; } = 64;

    /// <summary>Width of its feed-forward layers.</summary>
    public int VisionMlp { get; init; } = 128;

    /// <summary>Number of its blocks.</summary>
    public int VisionDepth { get; init; } = 2;

    /// <summary>Number of its heads.</summary>
    public int VisionHeads { get; init; } = 4;

    /// <summary>Rows of its table of positions, a square number.</summary>
    public int PositionEmbeddings { get; init; } = 64;

    /// <summary>Blocks whose features are added to the first decoder layers.</summary>
    public IReadOnlyList<int> DeepstackLayers { get; init; } = [0];

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 8;

    /// <summary>Side of the square of patches that becomes one token.</summary>
    public int MergeSize { get; init; } = 2;

    /// <summary>Copies of a picture in time.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Smallest and largest area of a picture in pixels after resizing.</summary>
    public (int Min, int Max) Pixels { get; init; } = (64 * 64, 64 * 64);

    /// <summary>The content of <c>config.json</c>.</summary>
    /// <param name="tokenizer">Gives the ids of the special tokens.</param>
    public JsonObject Config(Tokenizer tokenizer) => new()
    {
        ["architectures"] = new JsonArray("Qwen3VLForConditionalGeneration"),
        ["model_type"] = "qwen3_vl",
        ["dtype"] = "float32",
        ["tie_word_embeddings"] = Tied,
        ["image_token_id"] = tokenizer.IdOf("<|image_pad|>"),
        ["video_token_id"] = tokenizer.IdOf("<|video_pad|>"),
        ["vision_start_token_id"] = tokenizer.IdOf("<|vision_start|>"),
        ["vision_end_token_id"] = tokenizer.IdOf("<|vision_end|>"),
        ["text_config"] = new JsonObject
        {
            ["model_type"] = "qwen3_vl_text", ["vocab_size"] = Vocabulary, ["hidden_size"] = Hidden, ["intermediate_size"] = Mlp, ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads, ["num_key_value_heads"] = KeyValueHeads, ["head_dim"] = HeadDim, ["hidden_act"] = "silu", ["rms_norm_eps"] = 1e-6,
            ["attention_bias"] = false, ["attention_dropout"] = 0.0, ["max_position_embeddings"] = MaxPositions, ["tie_word_embeddings"] = Tied, ["use_cache"] = true,
            ["bos_token_id"] = tokenizer.IdOf("<|endoftext|>"), ["eos_token_id"] = tokenizer.IdOf("<|im_end|>"),
            ["rope_parameters"] = new JsonObject
            {
                ["rope_type"] = "default", ["rope_theta"] = RopeTheta, ["mrope_interleaved"] = true, ["mrope_section"] = Numbers(MropeSection),
            },
        },
        ["vision_config"] = new JsonObject
        {
            ["model_type"] = "qwen3_vl_vision", ["depth"] = VisionDepth, ["hidden_size"] = VisionHidden, ["intermediate_size"] = VisionMlp, ["num_heads"] = VisionHeads,
            ["hidden_act"] = "gelu_pytorch_tanh", ["in_channels"] = 3, ["out_hidden_size"] = Hidden, ["num_position_embeddings"] = PositionEmbeddings,
            ["deepstack_visual_indexes"] = Numbers(DeepstackLayers), ["patch_size"] = PatchSize, ["spatial_merge_size"] = MergeSize, ["temporal_patch_size"] = TemporalPatchSize,
        },
    };

    /// <summary>The content of <c>preprocessor_config.json</c>.</summary>
    public JsonObject Preprocessor() => new()
    {
        ["image_processor_type"] = "Qwen2VLImageProcessorFast", ["processor_class"] = "Qwen3VLProcessor",
        ["patch_size"] = PatchSize, ["merge_size"] = MergeSize, ["temporal_patch_size"] = TemporalPatchSize,
        ["size"] = new JsonObject { ["shortest_edge"] = Pixels.Min, ["longest_edge"] = Pixels.Max },
        ["image_mean"] = new JsonArray(0.5, 0.5, 0.5), ["image_std"] = new JsonArray(0.5, 0.5, 0.5),
    };

    private static Qwen3VlSize Published(int hidden, int mlp, int layers, int heads) => new()
    {
        Vocabulary = 151936, Hidden = hidden, Mlp = mlp, Layers = layers, Heads = heads, KeyValueHeads = 8, HeadDim = 128, MropeSection = [24, 20, 20], RopeTheta = 5e6, MaxPositions = 262144,
        VisionHidden = 1024, VisionMlp = 4096, VisionDepth = 24, VisionHeads = 16, PositionEmbeddings = 2304, DeepstackLayers = [5, 11, 17], PatchSize = 16, Pixels = (65536, 16777216),
    };

    private static Qwen3VlSize Large(Qwen3VlSize size) => size with { Tied = false, VisionHidden = 1152, VisionMlp = 4304, VisionDepth = 27, DeepstackLayers = [8, 16, 24] };

    private static JsonArray Numbers(IEnumerable<int> values) => [.. values.Select(value => (JsonNode)value)];
}
