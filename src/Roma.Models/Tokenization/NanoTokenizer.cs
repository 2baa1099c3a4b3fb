using System.Text;
using System.Text.Json.Nodes;

namespace Roma.Models.Tokenization;

/// <summary>
/// The vocabulary of the embedded nano model: 256 byte tokens (id = place in the order of their characters), merges that make each word below one token, and the
/// Qwen families' added tokens. Written as a Hugging Face <c>tokenizer.json</c>.
/// </summary>
public static class NanoTokenizer
{
    private const string Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly string[] Words =
    [
        "user", "assistant", "system", " top", " bottom", " left", " right", " row", " column", " diagonal", " rising", " falling", "sum", "difference", "max",
        " of", " the", "read", " all", " digits",
    ];

    private static readonly string[] Special =
    [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
        "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
    ];

    private static readonly string[] Markup = ["<tool_call>", "</tool_call>", "<think>", "</think>"];

    /// <summary>The tokenizer file's text; a new one each time, always the same.</summary>
    public static string Json()
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => ByteLevel.CharOf((byte)b).ToString()).Order(StringComparer.Ordinal)];
        var merges = new JsonArray();
        foreach (string word in Words)
            AddWord(word, tokens, merges);
        var vocabulary = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));
        var added = new JsonArray([.. Special.Concat(Markup).Select((content, i) => (JsonNode)new JsonObject
        {
            ["id"] = tokens.Count + i, ["content"] = content, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
            ["special"] = i < Special.Length,
        })]);
        return new JsonObject
        {
            ["version"] = "1.0", ["truncation"] = null, ["padding"] = null, ["added_tokens"] = added, ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Pattern }, ["behavior"] = "Isolated", ["invert"] = false }, Bytes(false, true)),
            },
            ["post_processor"] = Bytes(false, false), ["decoder"] = Bytes(true, true, useRegex: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false, ["byte_fallback"] = false, ["ignore_merges"] = false, ["vocab"] = vocabulary, ["merges"] = merges,
            },
        }.ToJsonString(Checkpoints.JsonFile.Indented) + "\n";
    }

    /// <summary>Merges a word from the left, each prefix a token. The words stand in an order in which no merge of one breaks another; a test encodes each.</summary>
    private static void AddWord(string word, List<string> tokens, JsonArray merges)
    {
        string spelled = ByteLevel.Spell(Encoding.UTF8.GetBytes(word));
        for (int length = 2; length <= spelled.Length; length++)
        {
            if (tokens.Contains(spelled[..length]))
                continue;
            tokens.Add(spelled[..length]);
            merges.Add(new JsonArray(spelled[..(length - 1)], spelled[(length - 1)..length]));
        }
    }

    private static JsonObject Bytes(bool prefix, bool trim, bool useRegex = false) =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = prefix, ["trim_offsets"] = trim, ["use_regex"] = useRegex };
}
