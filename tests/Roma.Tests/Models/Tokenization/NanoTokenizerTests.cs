using System.Text;
using System.Text.Json.Nodes;
using Roma.Models.Tokenization;

namespace Roma.Tests.Models.Tokenization;

public class NanoTokenizerTests
{
    private static readonly Tokenizer Nano = Tokenizer.Parse(Encoding.UTF8.GetBytes(NanoTokenizer.Json()));

    [Theory]
    [InlineData("user")]
    [InlineData("assistant")]
    [InlineData("system")]
    [InlineData(" top")]
    [InlineData(" bottom")]
    [InlineData(" left")]
    [InlineData(" right")]
    [InlineData(" row")]
    [InlineData(" column")]
    [InlineData(" diagonal")]
    [InlineData(" rising")]
    [InlineData(" falling")]
    [InlineData("sum")]
    [InlineData("difference")]
    [InlineData("max")]
    [InlineData(" of")]
    [InlineData(" the")]
    [InlineData("read")]
    [InlineData(" all")]
    [InlineData(" digits")]
    public void AWordIsOneToken(string word) => Assert.Single(Nano.Encode(word));

    [Fact]
    public void DigitsAndSignsAreTokensOfTheirOwn()
    {
        Assert.Equal(8, Nano.Encode("9-2=7380").Length);
        Assert.Equal(["8", "m", "3", "=", "8"], Nano.Encode("8m3=8").Select(id => Nano.Decode([id])));
        Assert.Equal(2, Nano.Encode("difference rising").Length);
    }

    [Fact]
    public void EveryTextComesBack()
    {
        const string Text = "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Größe of 数学 🙂\t?<|im_end|>\n";
        Assert.Equal(Text, Nano.Decode(Nano.Encode(Text)));
        Assert.Equal(5, Nano.SuppressedTokens(Nano.VocabularySize).Length);
        Assert.Equal(NanoTokenizer.Json(), NanoTokenizer.Json());
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Files), "models", "*/checkpoint/tokenizer.json", MemberType = typeof(Golden))]
    public void TheFileIsOfTheSameFormAsGoldenOnes(string relative)
    {
        JsonObject own = JsonNode.Parse(NanoTokenizer.Json())!.AsObject(), golden = JsonNode.Parse(File.ReadAllText(Golden.PathOf(relative)))!.AsObject();
        Assert.Equal(golden.Select(part => part.Key), own.Select(part => part.Key));
        foreach (string key in new[] { "version", "truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder" })
            Assert.True(JsonNode.DeepEquals(golden[key], own[key]), key);
        Assert.Equal(golden["added_tokens"]!.AsArray().Select(token => (string)token!["content"]!), own["added_tokens"]!.AsArray().Select(token => (string)token!["content"]!));
        Assert.Equal(golden["model"]!.AsObject().Select(part => part.Key), own["model"]!.AsObject().Select(part => part.Key));
    }
}
