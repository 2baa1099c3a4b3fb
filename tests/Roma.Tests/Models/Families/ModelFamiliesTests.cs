using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Processing;
using Roma.Models.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Families;

/// <summary>What holds for every family.</summary>
public sealed class ModelFamiliesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => [.. ModelFamilies.All.Keys];

    /// <summary>Numbers of parameters that the published checkpoints' headers add up to.</summary>
    public static TheoryData<string, string, long> Published => new()
    {
        { "qwen3_vl", "2b", 2_127_532_032 },
        { "qwen3_vl", "4b", 4_437_815_808 },
        { "qwen3_vl", "8b", 8_767_123_696 },
        { "qwen2_5_vl", "3b", 3_754_622_976 },
        { "qwen2_5_vl", "7b", 8_292_166_656 },
    };

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Published_sizes_have_as_many_parameters_as_published(string family, string size, long parameters)
    {
        using VisionLanguageNetwork network = Shapes(ModelFamilies.All[family].Sizes[size]);
        Assert.Equal(parameters, network.named_parameters().Sum(p => p.parameter.shape.Aggregate(1L, (product, width) => product * width)));
    }

    [Fact]
    public void Every_size_can_be_written_down() =>
        Assert.All(ModelFamilies.All.Values.SelectMany(family => family.Sizes.Values.Select(size => (family, size))), pair =>
        {
            ModelConfig config = ModelConfig.Parse(pair.size.Config(Tokens));
            Assert.Equal(pair.family.Architecture, config.Architecture);
            Assert.Empty(pair.family.Faults(config));
            ImageSettings.Parse(pair.size.Preprocessor(), "preprocessor_config.json");
            using VisionLanguageNetwork network = Shapes(pair.size);
            Assert.Equal(network.named_parameters().Count(), network.named_parameters().Select(p => pair.family.StoredKey(p.name)).Distinct().Count());
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void An_untrained_model_answers_and_its_copy_in_shards_is_the_same(string name)
    {
        IModelFamily family = ModelFamilies.All[name];
        string source = _folder.File("source"), target = _folder.File("shards");
        UntrainedModel.Create(source, family, family.Sizes["nano"], seed: 4);
        using VisionLanguageModel model = VisionLanguageModel.Load(source);
        model.Save(target, shardBytes: 400_000);
        Assert.True(Directory.GetFiles(target, "model-*-of-*.safetensors").Length > 3);
        using VisionLanguageModel again = VisionLanguageModel.Load(target);
        using Checkpoint before = Checkpoint.Open(source), after = Checkpoint.Open(target);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.Contains(family.StoredKey("model.language_model.norm.weight"), after.Keys);
        Assert.All(before.Keys, key => Assert.True(before.Read(key).bytes.SequenceEqual(after.Read(key).bytes), key));
        JsonObject index = JsonNode.Parse(File.ReadAllText(Path.Combine(target, "model.safetensors.index.json")))!.AsObject();
        Assert.Equal(before.Keys.Order(), index["weight_map"]!.AsObject().Select(entry => entry.Key).Order());
        Assert.Equal(before.Keys.Sum(key => before.Info(key).Bytes), (long)index["metadata"]!["total_size"]!);
        Assert.Equal(Reply(model), Reply(again));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_under_the_names_of_the_references_modules_are_read_and_written_so(string name)
    {
        IModelFamily family = ModelFamilies.All[name];
        UntrainedModel.Create(_folder.Path, family, family.Sizes["nano"], seed: 4);
        string file = _folder.File("model.safetensors");
        using (VisionLanguageModel model = VisionLanguageModel.Load(_folder.Path))
            SafetensorsFile.Write(file, model.Network.named_parameters().Select(p => KeyValuePair.Create(p.name, (Tensor)p.parameter)));
        using (VisionLanguageModel model = VisionLanguageModel.Load(_folder.Path))
            model.Save(_folder.File("copy"));
        using Checkpoint copy = Checkpoint.Open(_folder.File("copy"));
        Assert.Contains("model.language_model.norm.weight", copy.Keys);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_configuration_asks_for_and_is_not_implemented_is_told(string name)
    {
        IModelFamily family = ModelFamilies.All[name];
        UntrainedModel.Create(_folder.Path, family, family.Sizes["nano"], seed: 4);
        string config = File.ReadAllText(_folder.File("config.json"));
        File.WriteAllText(_folder.File("config.json"), config.Replace("\"hidden_act\": \"silu\"", "\"hidden_act\": \"relu\""));
        Assert.Contains("relu", Assert.Throws<RomaException>(() => VisionLanguageModel.Load(_folder.Path)).Message);
    }

    private static Tokenizer Tokens { get; } = Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(NanoTokenizer.Json()));

    private static VisionLanguageNetwork Shapes(IModelSize size) => new(ModelConfig.Parse(size.Config(Tokens)), device: META);

    private static int[] Reply(VisionLanguageModel model)
    {
        using IDisposable _ = no_grad();
        var image = new RgbImage(80, 56);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i * 7);
        Tensor patches = model.Patches([image], out Grid[] grids);
        return model.Generator().Generate([model.Prompt("read all digits", grids)], model.Network.Encode(patches, grids), 1, new(8), i => CounterRandom.Of(i)).Single().Tokens;
    }
}
