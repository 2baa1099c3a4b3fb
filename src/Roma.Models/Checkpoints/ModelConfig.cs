using System.Text.Json.Nodes;
using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>
/// A vision-language model's <c>config.json</c> in its spellings: rotary settings in <c>rope_scaling</c> and <c>rope_theta</c> or in <c>rope_parameters</c>,
/// <c>torch_dtype</c> or <c>dtype</c>, language settings in <c>text_config</c> or at the top level.
/// </summary>
/// <param name="Architecture">The first of <c>architectures</c>.</param>
/// <param name="Text">The language model.</param>
/// <param name="Vision">The vision tower.</param>
/// <param name="TieWordEmbeddings">Whether the head shares the embedding's weights.</param>
/// <param name="DataType">The type in which the weights were saved.</param>
/// <param name="ImageTokenId">Stands for a token of a picture.</param>
/// <param name="VideoTokenId">Stands for a token of a video.</param>
/// <param name="VisionStartTokenId">Opens a picture.</param>
/// <param name="VisionEndTokenId">Closes a picture.</param>
/// <param name="EosTokenIds">Tokens that end a reply, by <c>config.json</c>; see <see cref="EndTokens"/>.</param>
/// <param name="Raw">The whole file; a saved copy starts from it, so that unknown keys survive.</param>
public sealed record ModelConfig(
    string Architecture, TextConfig Text, VisionConfig Vision, bool TieWordEmbeddings, ScalarType DataType,
    int ImageTokenId, int VideoTokenId, int VisionStartTokenId, int VisionEndTokenId, IReadOnlyList<int> EosTokenIds, JsonObject Raw)
{
    private const int MaxWidth = 1 << 17, MaxLayers = 1024, MaxVocabulary = 1 << 22;

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="json">The content of <c>config.json</c>.</param>
    /// <param name="where">The file's name, for messages.</param>
    /// <exception cref="RomaException">Keys are missing or values out of range; all of them are named.</exception>
    public static ModelConfig Parse(JsonObject json, string where = "config.json")
    {
        var reader = new ConfigReader(json, where);
        TextConfig text = ParseText(reader);
        VisionConfig vision = ParseVision(reader);
        var config = new ModelConfig(
            reader.Text(["architectures.0"]), text, vision, reader.Bool(["tie_word_embeddings", "text_config.tie_word_embeddings"], false), ParseType(reader),
            Token("image_token_id"), Token("video_token_id"), Token("vision_start_token_id"), Token("vision_end_token_id"),
            EndTokensOf(reader, text.VocabSize), json);
        reader.ThrowIfFaulty();
        return config;

        int Token(string key) => reader.Int(key, 0, Math.Max(text.VocabSize - 1, 0));
    }

    /// <summary>Reads the configuration of a model folder, and checks it against the weights' shapes before anything of its sizes is allocated.</summary>
    /// <param name="checkpoint">The model folder.</param>
    /// <exception cref="RomaException">It is incomplete, or its weights are of other sizes than it says.</exception>
    public static ModelConfig Load(Checkpoint checkpoint)
    {
        var config = Parse(checkpoint.Config, Path.Combine(checkpoint.Directory, "config.json"));
        ConfigCheck.Against(checkpoint, config);
        return config;
    }

    /// <summary>Tokens that end a reply: those of <c>generation_config.json</c> where it names some, else those of <c>config.json</c>.</summary>
    /// <param name="directory">The model folder.</param>
    /// <exception cref="RomaException">The file is invalid.</exception>
    public IReadOnlyList<int> EndTokens(string directory)
    {
        string file = Path.Combine(directory, "generation_config.json");
        if (!File.Exists(file))
            return EosTokenIds;
        var reader = new ConfigReader(JsonFile.ReadObject(file), file);
        int[] tokens = EndTokensOf(reader, Text.VocabSize);
        reader.ThrowIfFaulty();
        return tokens.Length > 0 ? tokens : EosTokenIds;
    }

    private static int[] EndTokensOf(ConfigReader reader, int vocabulary)
    {
        foreach (string key in new[] { "eos_token_id", "text_config.eos_token_id" })
        {
            if (reader.Has(key + ".0"))
                return reader.Ints([key], 0, vocabulary - 1, []);
            if (reader.Has(key))
                return [reader.Int(key, 0, vocabulary - 1)];
        }
        return [];
    }

    private static TextConfig ParseText(ConfigReader reader)
    {
        int hidden = Size("hidden_size", MaxWidth), heads = Size("num_attention_heads", 4096), keyValueHeads = reader.Int(Keys("num_key_value_heads"), 1, 4096, heads);
        int headDim = reader.Int(Keys("head_dim"), 2, 4096, Math.Max(hidden / Math.Max(heads, 1), 2));
        int[] section = reader.Ints([.. Keys("rope_parameters.mrope_section"), .. Keys("rope_scaling.mrope_section")], 0, 4096);
        bool interleaved = reader.Bool([.. Keys("rope_parameters.mrope_interleaved"), .. Keys("rope_scaling.mrope_interleaved")], false);
        string kind = reader.Text([.. Keys("rope_parameters.rope_type"), .. Keys("rope_scaling.rope_type"), .. Keys("rope_scaling.type")], "default");
        reader.Demand(kind is "default" or "mrope", $"the rotary embedding's type is {kind}; supported are default and mrope");
        reader.Demand(heads % Math.Max(keyValueHeads, 1) == 0, $"num_attention_heads {heads} is not a multiple of num_key_value_heads {keyValueHeads}");
        reader.Demand(headDim % 2 == 0, $"head_dim {headDim} is odd");
        reader.Demand(section.Length == 3 && section.Sum() == headDim / 2, $"mrope_section [{string.Join(", ", section)}] is not three sizes that add up to half of head_dim {headDim}");
        return new TextConfig(
            Size("vocab_size", MaxVocabulary), hidden, Size("intermediate_size", 1 << 20), Size("num_hidden_layers", MaxLayers), heads, keyValueHeads, headDim,
            reader.Double(Keys("rms_norm_eps"), 0, 1), reader.Double([.. Keys("rope_parameters.rope_theta"), .. Keys("rope_theta")], 1, 1e12),
            section, interleaved, reader.Text(Keys("hidden_act"), "silu"), reader.Bool(Keys("attention_bias"), false),
            reader.Int(Keys("max_position_embeddings"), 1, int.MaxValue, 32768), reader.Bool(Keys("use_sliding_window"), false));

        string[] Keys(string key) => ["text_config." + key, key];
        int Size(string key, int max) => reader.Int(Keys(key), 1, max);
    }

    private static VisionConfig ParseVision(ConfigReader reader)
    {
        int hidden = Size("hidden_size", MaxWidth), heads = Size("num_heads", 4096), depth = Size("depth", MaxLayers);
        int positions = reader.Int("vision_config.num_position_embeddings", 0, 1 << 20, 0), side = (int)Math.Sqrt(positions);
        reader.Demand(hidden % Math.Max(heads, 1) == 0, $"vision_config.hidden_size {hidden} is not a multiple of its num_heads {heads}");
        reader.Demand(side * side == positions, $"vision_config.num_position_embeddings {positions} is not a square number");
        return new VisionConfig(
            depth, hidden, Size("intermediate_size", 1 << 20), heads, Size("out_hidden_size", MaxWidth),
            reader.Int(["vision_config.in_channels", "vision_config.in_chans"], 1, 16, 3), Size("patch_size", 256), Size("temporal_patch_size", 16), Size("spatial_merge_size", 16),
            reader.Text(["vision_config.hidden_act"], "silu"), reader.Double("vision_config.rope_parameters.rope_theta", 1, 1e12, 10000), positions,
            reader.Ints(["vision_config.deepstack_visual_indexes"], 0, Math.Max(depth - 1, 0), []), reader.Int("vision_config.window_size", 0, 1 << 20, 0),
            reader.Ints(["vision_config.fullatt_block_indexes"], 0, Math.Max(depth - 1, 0), []));

        int Size(string key, int max) => reader.Int("vision_config." + key, 1, max);
    }

    private static ScalarType ParseType(ConfigReader reader)
    {
        string name = reader.Text(["dtype", "torch_dtype", "text_config.dtype", "text_config.torch_dtype"], "float32");
        ScalarType? type = name switch { "float32" => ScalarType.Float32, "bfloat16" => ScalarType.BFloat16, "float16" => ScalarType.Float16, _ => null };
        reader.Demand(type is not null, $"dtype is {name}; allowed are float32, bfloat16 and float16");
        return type ?? ScalarType.Float32;
    }
}
