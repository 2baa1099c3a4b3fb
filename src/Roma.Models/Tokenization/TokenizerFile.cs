using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Roma.Core;

namespace Roma.Models.Tokenization;

/// <summary>The parts of a <c>tokenizer.json</c> that are used, checked; a feature that would change ids and is not supported is a fault.</summary>
internal sealed class TokenizerFile
{
    private const int MaxId = 1 << 22;
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(10); // a pattern from a file may backtrack without end
    private readonly string _where;

    public TokenizerFile(JsonObject json, string where)
    {
        _where = where;
        JsonNode model = json["model"] ?? throw Fault("it has no model");
        if ((string?)model["type"] is not ("BPE" or null) || model["ignore_merges"]?.GetValue<bool>() == true)
            throw Fault($"its model is '{model["type"]}'; only BPE with merges is supported");
        foreach ((string token, JsonNode? id) in model["vocab"] as JsonObject ?? throw Fault("its model has no vocab"))
            Vocabulary.Add(token, Id(token, id));
        foreach (JsonNode? merge in model["merges"] as JsonArray ?? throw Fault("its model has no merges"))
            Merges.Add(merge is JsonArray { Count: 2 } pair ? $"{pair[0]} {pair[1]}" : (string?)merge ?? throw Fault("a merge is null"));
        foreach (JsonNode? token in json["added_tokens"] as JsonArray ?? [])
            Added.Add(AddedToken(token ?? throw Fault("an added token is null")));
        NormalizesToNfc = (string?)json["normalizer"]?["type"] switch
        {
            null => false,
            "NFC" => true,
            string other => throw Fault($"its normalizer is {other}; supported are NFC and none"),
        };
        Pattern = new Regex(PatternOf(json["pre_tokenizer"]), RegexOptions.Compiled | RegexOptions.CultureInvariant, PatternTimeout);
        for (int b = 0; b < 256; b++)
        {
            if (!Vocabulary.ContainsKey(ByteLevel.CharOf((byte)b).ToString()))
                throw Fault($"its vocabulary has no token for byte {b}; only byte-level vocabularies are supported");
        }
    }

    public Dictionary<string, int> Vocabulary { get; } = [];

    public List<string> Merges { get; } = [];

    public List<(string Content, int Id, bool Special)> Added { get; } = [];

    public bool NormalizesToNfc { get; }

    public Regex Pattern { get; }

    public BpeTokenizer ToBpe() =>
        BpeTokenizer.Create(new BpeOptions(Vocabulary) { Merges = Merges, ByteLevel = true, PreTokenizer = new CodePointPreTokenizer(Pattern) });

    private (string, int, bool) AddedToken(JsonNode token)
    {
        string content = (string?)token["content"] ?? "";
        if (content.Length == 0 || Flag("lstrip") || Flag("rstrip") || Flag("single_word"))
            throw Fault($"its added token '{content}' is empty or strips or wants whole words, which is not supported");
        return (content, Id(content, token["id"]), Flag("special"));

        bool Flag(string key) => token[key]?.GetValue<bool>() == true;
    }

    private string PatternOf(JsonNode? pre)
    {
        IReadOnlyList<JsonNode?> steps = pre?["pretokenizers"] as JsonArray is { } sequence ? [.. sequence] : [pre];
        if (steps is [{ } alone] && (string?)alone["type"] == "ByteLevel" && alone["use_regex"]?.GetValue<bool>() != false && Plain(alone))
            return Gpt2Pattern;
        if (steps is [{ } split, { } bytes] && (string?)split["type"] == "Split" && (string?)split["behavior"] == "Isolated" && split["invert"]?.GetValue<bool>() != true
            && (string?)split["pattern"]?["Regex"] is { } regex && (string?)bytes["type"] == "ByteLevel" && bytes["use_regex"]?.GetValue<bool>() == false && Plain(bytes))
            return regex;
        throw Fault("its pre_tokenizer is neither ByteLevel nor an isolating Split by a regular expression followed by ByteLevel");

        static bool Plain(JsonNode step) => step["add_prefix_space"]?.GetValue<bool>() != true;
    }

    private int Id(string token, JsonNode? id) =>
        id is JsonValue value && value.TryGetValue(out int number) && number is >= 0 and < MaxId ? number : throw Fault($"token '{token}' has id {id}; allowed are 0 to {MaxId - 1}");

    private RomaException Fault(string what) => new($"{_where} cannot be used: {what}.", "Use the tokenizer.json that belongs to the model.");
}
