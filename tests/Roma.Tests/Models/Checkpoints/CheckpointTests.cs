using System.Buffers.Binary;
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

    /// <summary>Read here by hand: 8 bytes of length, a JSON header padded to 8 bytes, the tensors in order without gaps, each in the file that the index names, none above the size that was asked for.</summary>
    [Fact]
    public void Shards_are_laid_out_as_the_format_says()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = Enumerable.Range(0, 9).ToDictionary(i => $"layers.{i}.weight", i => randn(i + 1, 7).to(i % 2 == 0 ? ScalarType.BFloat16 : ScalarType.Float32));
        string folder = Path.Combine(_folder, "shards");
        Checkpoint.Write(folder, new JsonObject(), weights, new Dictionary<string, byte[]>(), shardBytes: 300);
        JsonNode index = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "model.safetensors.index.json")))!;
        Assert.Equal(weights.Values.Sum(weight => weight.bytes.Length), (long)index["metadata"]!["total_size"]!);
        Assert.Equal(weights.Keys.Order(), index["weight_map"]!.AsObject().Select(entry => entry.Key).Order());
        string[] files = [.. Directory.GetFiles(folder, "*.safetensors").Order()];
        Assert.Equal(Enumerable.Range(1, files.Length).Select(i => $"model-{i:00000}-of-{files.Length:00000}.safetensors"), files.Select(Path.GetFileName));
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes), end = 0;
            Assert.Equal(0, length % 8);
            JsonObject header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
            Assert.Equal("pt", (string?)header["__metadata__"]!["format"]);
            foreach ((string key, JsonNode? entry) in header.Where(entry => entry.Key != "__metadata__").OrderBy(entry => (int)entry.Value!["data_offsets"]![0]!))
            {
                (int from, int to) = ((int)entry!["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
                Assert.Equal(end, from);
                Assert.Equal(weights[key].dtype == ScalarType.BFloat16 ? "BF16" : "F32", (string?)entry["dtype"]);
                Assert.Equal(weights[key].shape, entry["shape"]!.AsArray().Select(size => (long)size!));
                Assert.Equal(weights[key].bytes, bytes.AsSpan(8 + length + from, to - from));
                Assert.Equal(Path.GetFileName(file), (string?)index["weight_map"]![key]);
                end = to;
            }
            Assert.Equal(bytes.Length, 8 + length + end);
            Assert.InRange(end, 1, 300);
        }
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
