using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Tokenization;

namespace Roma.Tests.Models.Tokenization;

public class TokenizerTests
{
    private static Tokenizer? _published;

    [SkippableFact]
    [Trait("Category", "Golden")]
    public void GoldenIdsAndTextsAreExact()
    {
        Tokenizer tokenizer = Published();
        string[] lines = File.ReadAllLines(Golden.PathOf("tokenizer/ids.jsonl"));
        Assert.NotEmpty(lines);
        var wrong = new List<string>();
        foreach (JsonNode row in lines.Select(line => JsonNode.Parse(line)!))
        {
            int[] ids = row["ids"].Deserialize<int[]>()!;
            if (!tokenizer.Encode((string)row["text"]!).SequenceEqual(ids))
                wrong.Add($"encode {row["text"]!.ToJsonString()}: {string.Join(",", tokenizer.Encode((string)row["text"]!))} != {string.Join(",", ids)}");
            if (tokenizer.Decode(ids) != (string)row["decoded"]!)
                wrong.Add("decode " + row.ToJsonString());
            if (Streamed(tokenizer, ids) != (string)row["decoded"]!)
                wrong.Add("stream " + row.ToJsonString());
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/cases/*", MemberType = typeof(Golden))]
    public void GoldenModelsDecodeAndSuppressAlike(string relative)
    {
        string folder = Golden.PathOf(relative);
        var tokenizer = Tokenizer.Load(Path.Combine(folder, "../../checkpoint"));
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json")))!;
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "tensors.safetensors"));
        using TorchSharp.torch.Tensor logits = tensors.Read("logits"), generated = tensors.Read("generated");
        Assert.Equal(expected["suppressed_tokens"].Deserialize<int[]>(), tokenizer.SuppressedTokens((int)logits.shape[^1]));
        long[] ids = [.. generated.data<long>()];
        string[] texts = expected["generated_text"].Deserialize<string[]>()!;
        int end = tokenizer.IdOf("<|im_end|>"), length = ids.Length / texts.Length;
        for (int row = 0; row < texts.Length; row++)
        {
            int[] tokens = [.. ids[(row * length)..((row + 1) * length)].Select(id => (int)id)];
            Assert.Contains(texts[row], new[] { tokenizer.Decode(tokens), tokenizer.Decode(tokens, skipSpecial: true), tokenizer.Decode(tokens.TakeWhile(id => id != end)) });
            Assert.Equal(tokenizer.Decode(tokens), Streamed(tokenizer, tokens));
        }
        foreach (string response in expected["responses"].Deserialize<string[]>()!)
            Assert.Equal(response, tokenizer.Decode(tokenizer.Encode(response)));
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void MergesSpelledAsTextsGiveTheSameIds(string relative)
    {
        string folder = Golden.PathOf(relative);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))!;
        json["model"]!["merges"] = new JsonArray([.. json["model"]!["merges"]!.AsArray().Select(pair => (JsonNode)$"{pair![0]} {pair[1]}")]);
        const string Text = "Let me read the digits. <think>The answer is 42</think><|im_end|>";
        Assert.Equal(Tokenizer.Load(folder).Encode(Text), Tokenizer.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Encode(Text));
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void VocabularyAndMergesInFilesOfTheirOwnGiveTheSameIds(string relative)
    {
        string folder = Golden.PathOf(relative);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))!;
        using var old = new TemporaryFolder();
        File.WriteAllText(old.File("vocab.json"), json["model"]!["vocab"]!.ToJsonString());
        File.WriteAllText(old.File("merges.txt"), "#version: 0.2\n" + string.Concat(json["model"]!["merges"]!.AsArray().Select(pair => (pair is JsonArray ? $"{pair[0]} {pair[1]}" : (string)pair!) + "\n")));
        var decoder = new JsonObject(json["added_tokens"]!.AsArray().Select(token => KeyValuePair.Create(token!["id"]!.ToString(), (JsonNode?)token.DeepClone())));
        const string Text = "Let me read the digits: 42, <think>café</think><|im_end|>\n";
        Tokenizer expected = Tokenizer.Load(folder);
        File.WriteAllText(old.File("tokenizer_config.json"), new JsonObject { ["added_tokens_decoder"] = decoder }.ToJsonString());
        Same();
        File.Delete(old.File("tokenizer_config.json"));
        File.WriteAllText(old.File("added_tokens.json"), new JsonObject(json["added_tokens"]!.AsArray().Select(token => KeyValuePair.Create((string)token!["content"]!, (JsonNode?)(int)token["id"]!))).ToJsonString());
        Same();

        void Same()
        {
            Tokenizer tokenizer = Tokenizer.Load(old.Path);
            Assert.Equal(expected.Encode(Text), tokenizer.Encode(Text));
            Assert.Equal(expected.VocabularySize, tokenizer.VocabularySize);
            Assert.Equal(expected.Decode(expected.Encode(Text), skipSpecial: true), tokenizer.Decode(expected.Encode(Text), skipSpecial: true));
        }
    }

    [Fact]
    public void IncompleteCharactersAreHeldBack()
    {
        Tokenizer tokenizer = Bytes();
        StreamingDecoder stream = tokenizer.Stream(skipSpecial: true);
        Assert.Equal(["", "", "", "🙂", "a", "", "\uFFFD"], [.. new[] { 0xF0, 0x9F, 0x99, 0x82, 'a', 256 }.Select(stream.Append), StreamEnd(stream)]);
        Assert.Equal("a<end>", tokenizer.Decode(['a', 256, 9999, -1]));

        static string StreamEnd(StreamingDecoder stream)
        {
            Assert.Equal("", stream.Append(0xE2));
            return stream.Flush();
        }
    }

    [Fact]
    public void SpecialTokensAreCutOutBeforeNormalisationAndBrokenSurrogatesAreReplaced()
    {
        Tokenizer tokenizer = Bytes();
        Assert.Equal([256, 0xCC, 0xB8], tokenizer.Encode("<end>\u0338")); // U+0338 would otherwise join '>' to a new character
        Assert.Equal([0xE2, 0x89, 0xAF], tokenizer.Encode(">\u0338"));
        Assert.Equal([0xEF, 0xBF, 0xBD, 'a'], tokenizer.Encode("\uD800a"));
    }

    [Theory]
    [InlineData("""{"model":{"type":"Unigram"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""")]
    [InlineData("""{"model":5}""")]
    [InlineData("""{"model":""")]
    [InlineData("[]")]
    public void AnUnusableFileIsAUsersFault(string json) => Assert.Throws<RomaException>(() => Tokenizer.Parse(Encoding.UTF8.GetBytes(json)));

    private static string Streamed(Tokenizer tokenizer, IEnumerable<int> ids)
    {
        StreamingDecoder stream = tokenizer.Stream();
        return string.Concat(ids.Select(stream.Append)) + stream.Flush();
    }

    /// <summary>A token a byte, id = byte, and one special token.</summary>
    private static Tokenizer Bytes()
    {
        var vocabulary = new JsonObject();
        int next = 256;
        for (int b = 0; b < 256; b++)
            vocabulary[((char)(b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? b : next++)).ToString()] = b;
        JsonObject json = JsonNode.Parse("""
            {"model":{"type":"BPE","merges":[]},"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
             "added_tokens":[{"id":256,"content":"<end>","special":true}]}
            """)!.AsObject();
        json["model"]!["vocab"] = vocabulary;
        return Tokenizer.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private static Tokenizer Published()
    {
        using var file = new GZipStream(File.OpenRead(Golden.PathOf("tokenizer/qwen3-tokenizer.json.gz")), CompressionMode.Decompress);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return _published ??= Tokenizer.Parse(content.ToArray());
    }
}
