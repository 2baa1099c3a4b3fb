using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Models.Tokenization;

/// <summary>
/// The older layout of a byte-level tokenizer, as the content of the <c>tokenizer.json</c> that it stands for: <c>vocab.json</c>, <c>merges.txt</c>, and the added tokens in
/// <c>tokenizer_config.json</c> (<c>added_tokens_decoder</c>) or <c>added_tokens.json</c>. Normalisation and splitting are those of the Qwen families.
/// </summary>
internal static class VocabularyFiles
{
    private const string Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static bool Exist(string directory) => File.Exists(Path.Combine(directory, "vocab.json")) && File.Exists(Path.Combine(directory, "merges.txt"));

    public static JsonObject Read(string directory)
    {
        string merges = Path.Combine(directory, "merges.txt");
        if (new FileInfo(merges).Length > JsonFile.MaxBytes)
            throw new RomaException($"{merges} has more than {JsonFile.MaxBytes} bytes.");
        return new JsonObject
        {
            ["added_tokens"] = Added(directory),
            ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["vocab"] = JsonFile.ReadObject(Path.Combine(directory, "vocab.json")),
                ["merges"] = new JsonArray([.. File.ReadLines(merges).Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal))).Select(line => (JsonNode)line)]),
            },
        };
    }

    private static JsonArray Added(string directory)
    {
        string config = Path.Combine(directory, "tokenizer_config.json"), file = Path.Combine(directory, "added_tokens.json");
        if (File.Exists(config) && JsonFile.ReadObject(config)["added_tokens_decoder"] is JsonObject decoder)
        {
            return [.. decoder.Select(token => (JsonNode)new JsonObject
            {
                ["id"] = int.TryParse(token.Key, out int id) ? id : throw new RomaException($"{config} numbers an added token '{token.Key}'."),
                ["content"] = token.Value?["content"]?.DeepClone(), ["special"] = token.Value?["special"]?.DeepClone() ?? false,
                ["lstrip"] = token.Value?["lstrip"]?.DeepClone() ?? false, ["rstrip"] = token.Value?["rstrip"]?.DeepClone() ?? false, ["single_word"] = token.Value?["single_word"]?.DeepClone() ?? false,
            })];
        }
        return File.Exists(file)
            ? [.. JsonFile.ReadObject(file).Select(token => (JsonNode)new JsonObject { ["id"] = token.Value?.DeepClone(), ["content"] = token.Key, ["special"] = token.Key.StartsWith("<|", StringComparison.Ordinal) })]
            : [];
    }
}
