using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Tests.Models.Checkpoints;

public class ModelConfigTests
{
    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void GoldenConfigurationsFitTheirWeights(string relative)
    {
        using var checkpoint = Checkpoint.Open(Golden.PathOf(relative));
        var config = ModelConfig.Load(checkpoint);
        Assert.Equal((string)checkpoint.Config["architectures"]![0]!, config.Architecture);
        Assert.Equal(checkpoint.Info(checkpoint.Keys.First(key => key.EndsWith("embed_tokens.weight", StringComparison.Ordinal))).Type, config.DataType);
        Assert.Equal(config.Text.HiddenSize, config.Vision.OutHiddenSize);
        Assert.Equal(!config.TieWordEmbeddings, checkpoint.Keys.Contains("lm_head.weight"));
        Assert.NotEmpty(config.EndTokens(checkpoint.Directory));
        Assert.Same(checkpoint.Config, config.Raw);
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void EverySpellingIsRead(string relative)
    {
        using var checkpoint = Checkpoint.Open(Golden.PathOf(relative));
        ModelConfig original = ModelConfig.Parse(checkpoint.Config);
        JsonObject json = checkpoint.Config.DeepClone().AsObject();
        JsonObject text = json["text_config"] as JsonObject ?? json;
        JsonNode rope = (text["rope_parameters"] ?? text["rope_scaling"])!.DeepClone();
        JsonNode theta = (rope["rope_theta"] ?? text["rope_theta"])!.DeepClone();
        bool wasNew = text.ContainsKey("rope_parameters");
        foreach (string key in new[] { "rope_parameters", "rope_scaling", "rope_theta" })
            text.Remove(key);
        rope.AsObject().Remove("rope_theta");
        text[wasNew ? "rope_scaling" : "rope_parameters"] = rope;
        if (wasNew)
            text["rope_theta"] = theta;
        else
            rope["rope_theta"] = theta;
        string type = wasNew ? "dtype" : "torch_dtype";
        (json[wasNew ? "torch_dtype" : "dtype"], _) = (json[type]!.DeepClone(), json.Remove(type));
        ModelConfig other = ModelConfig.Parse(json);
        Assert.Equal(original.Text.MropeSection, other.Text.MropeSection);
        Assert.Equal(original.Text with { MropeSection = [] }, other.Text with { MropeSection = [] });
        Assert.Equal((original.DataType, original.TieWordEmbeddings), (other.DataType, other.TieWordEmbeddings));
    }

    [Fact]
    public void EveryMissingKeyIsNamedAtOnce()
    {
        string message = Assert.Throws<RomaException>(() => ModelConfig.Parse([])).Message;
        Assert.All(new[] { "architectures", "hidden_size", "vocab_size", "rope_theta", "mrope_section", "image_token_id", "vision_config.depth", "vision_config.patch_size" },
            key => Assert.Contains(key, message, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void SizesBeyondTheWeightsOrAllReasonAreRefused(string relative)
    {
        using var checkpoint = Checkpoint.Open(Golden.PathOf(relative));
        JsonObject text = checkpoint.Config["text_config"] as JsonObject ?? checkpoint.Config;
        text["vocab_size"] = 4_000_000;
        text["num_hidden_layers"] = 900;
        string message = Assert.Throws<RomaException>(() => ModelConfig.Load(checkpoint)).Message;
        Assert.Contains("embed_tokens.weight", message, StringComparison.Ordinal);
        Assert.Contains("900", message, StringComparison.Ordinal);
        text["vocab_size"] = 4_000_000_000_000;
        Assert.Contains("vocab_size", Assert.Throws<RomaException>(() => ModelConfig.Load(checkpoint)).Message, StringComparison.Ordinal);
    }
}
