using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roma").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void GoldenCheckpointsOpenAndAreWrittenAgain(string relative)
    {
        using var scope = NewDisposeScope();
        using var original = Checkpoint.Open(Golden.PathOf(relative));
        Assert.NotEmpty(original.Keys);
        string copyFolder = Path.Combine(_folder, "copy");
        for (int round = 0; round < 2; round++) // the second replaces the first
            Checkpoint.Write(copyFolder, original.Config, original.Keys.Select(key => KeyValuePair.Create(key, original.Read(key))), original.Assets());
        using var copy = Checkpoint.Open(copyFolder);
        Assert.Equal([copyFolder], Directory.GetFileSystemEntries(_folder));
        Assert.True(JsonNode.DeepEquals(original.Config, copy.Config));
        Assert.Equal(original.Keys.Order(), copy.Keys.Order());
        Assert.All(original.Keys, key => Assert.Equal(original.Read(key).bytes, copy.Read(key).bytes));
        Assert.True(File.Exists(Path.Combine(copyFolder, "tokenizer.json")));
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("sub/inside.safetensors")]
    [InlineData("..\\outside.safetensors")]
    [InlineData("model.bin")]
    public void ShardsStayInTheFolder(string shard)
    {
        Config();
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = new JsonObject { ["a"] = shard } }.ToJsonString());
        Assert.Contains(shard, Assert.Throws<RomaException>(() => Checkpoint.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenPromiseOfTheIndexIsFound()
    {
        Config();
        SafetensorsFile.Write(Path.Combine(_folder, "part.safetensors"), [KeyValuePair.Create("a", ones(2))]);
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), """{"weight_map":{"a":"part.safetensors","b":"part.safetensors"}}""");
        Assert.Contains("b", Assert.Throws<RomaException>(() => Checkpoint.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithPicklesAloneIsRefused()
    {
        Config();
        File.WriteAllText(Path.Combine(_folder, "pytorch_model.bin"), "");
        Assert.Contains("pytorch_model.bin is a pickle", Assert.Throws<RomaException>(() => Checkpoint.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"torch_dtype":"float32"}""", """{"torch_dtype":"bfloat16"}""")]
    [InlineData("""{"text_config":{"dtype":"float32"},"dtype":"float32","kept":1}""", """{"text_config":{"dtype":"bfloat16"},"dtype":"bfloat16","kept":1}""")]
    [InlineData("""{"kept":1}""", """{"kept":1,"dtype":"bfloat16"}""")]
    public void AnotherElementTypeIsNamedWhereOneWas(string before, string after)
    {
        JsonObject config = JsonNode.Parse(before)!.AsObject();
        Assert.Equal(after, Checkpoint.WithType(config, ScalarType.BFloat16).ToJsonString());
        Assert.Equal(before, config.ToJsonString());
    }

    private void Config() => File.WriteAllText(Path.Combine(_folder, "config.json"), "{}");
}
