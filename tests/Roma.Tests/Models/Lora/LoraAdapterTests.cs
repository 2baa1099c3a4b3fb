using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using Roma.Models.Lora;
using Roma.Models.Processing;
using Roma.Models.Qwen3Vl;
using Roma.Models.Scoring;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Lora;

public sealed class LoraAdapterTests(NanoFixture nano, ITestOutputHelper output) : IClassFixture<NanoFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(GoldenModels.Folders), "*/adapter", MemberType = typeof(GoldenModels))]
    public void Golden_adapters_give_the_references_logits_and_are_written_again(string relative)
    {
        string folder = Golden.PathOf(relative), checkpoint = Path.Combine(folder, "..", "checkpoint");
        using var expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        using (VisionLanguageModel plain = VisionLanguageModel.Load(checkpoint))
            Assert.True(Distance(plain) > 1e-2, "the adapter matters");
        using VisionLanguageModel model = VisionLanguageModel.Load(checkpoint, type: ScalarType.Float32);
        LoraAdapter adapter = LoraAdapter.Load(model, folder);
        double distance = Distance(model);
        output.WriteLine($"{distance:E1}");
        Assert.True(distance <= 1e-4, $"{distance}");

        adapter.Save(_folder.File("copy"));
        using (SafetensorsFile original = SafetensorsFile.Open(Path.Combine(folder, "adapter_model.safetensors")), copy = SafetensorsFile.Open(_folder.File("copy/adapter_model.safetensors")))
        {
            Assert.Equal(original.Tensors.Keys.Order(), copy.Tensors.Keys.Order());
            Assert.Equal("pt", copy.Metadata["format"]);
            Assert.All(original.Tensors.Keys, key => Assert.True(original.Read(key).bytes.SequenceEqual(copy.Read(key).bytes), key));
        }
        JsonObject before = Json(folder), after = Json(_folder.File("copy"));
        Assert.Equal(before.Select(pair => pair.Key).Order(), after.Select(pair => pair.Key).Order());
        foreach ((string key, JsonNode? value) in before.Where(pair => pair.Key != "lora_alpha"))
            Assert.True(JsonNode.DeepEquals(value, after[key]), key);
        Assert.Equal((double)before["lora_alpha"]!, (double)after["lora_alpha"]!);

        model.Save(_folder.File("base")); // the model's own weights are untouched
        using (VisionLanguageModel kept = VisionLanguageModel.Load(_folder.File("base")))
            Assert.True(Distance(kept) > 1e-2);
        adapter.Merge();
        Assert.True(Distance(model) <= 1e-4);
        model.Save(_folder.File("merged"));
        using VisionLanguageModel merged = VisionLanguageModel.Load(_folder.File("merged"));
        Assert.True(Distance(merged) <= 1e-4);

        double Distance(VisionLanguageModel tested)
        {
            using IDisposable _ = no_grad();
            int[] ids = [.. expected.Read("input_ids").data<long>().Select(id => (int)id)];
            Grid[] grids = [.. expected.Read("image_grid_thw").data<long>().ToArray().Chunk(3).Select(size => new Grid((int)size[0], (int)size[1], (int)size[2]))];
            int[] positions = tested.Processor.Positions(ids, grids).Positions;
            TokenBatch tokens = tested.Network.Tokens(ids, [.. ids.Select((_, t) => (positions[t], positions[ids.Length + t], positions[2 * ids.Length + t]))], new PackedLayout([ids.Length], []));
            Tensor hidden = tested.Network.Normalize(tested.Network.Forward(tokens, tested.Network.Encode(expected.Read("pixel_values"), grids)));
            return (hidden.mm(tested.Network.Head_VH.t()) - expected.Read("logits")[0]).abs().max().item<float>();
        }

        static JsonObject Json(string directory) => JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "adapter_config.json")))!.AsObject();
    }

    [Fact]
    public void A_new_adapter_changes_nothing_and_alone_learns()
    {
        using VisionLanguageModel model = VisionLanguageModel.Load(nano.Model.Directory);
        Tensor before = Score(model).detach();
        LoraAdapter adapter = LoraAdapter.Create(model, new(rank: 3, alpha: 6, targets: ["q_proj", "down_proj", "attn.qkv"]), seed: 1);
        Assert.Equal(3 * 2 + 2, adapter.Parameters.Count() / 2);
        Assert.True(before.allclose(Score(model), 0, 1e-6));
        using (no_grad())
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in adapter.Parameters)
                if (name.Contains("lora_B"))
                    parameter.fill_(0.02f);
        Score(model).sum().backward();
        Assert.All(adapter.Parameters, p => Assert.True(p.Parameter.grad!.abs().max().item<float>() > 0, p.Name));
        Assert.All(model.Network.named_parameters().Where(p => !p.name.Contains(".lora_")), p => Assert.True(p.parameter.grad is null, p.name));
    }

    [Fact]
    public void Model_and_adapter_outlive_the_scope_they_are_made_in()
    {
        VisionLanguageModel model;
        LoraAdapter adapter;
        using (NewDisposeScope())
        {
            model = VisionLanguageModel.Load(nano.Model.Directory);
            adapter = LoraAdapter.Create(model, new(rank: 2), seed: 1);
        }
        using (model)
        {
            Assert.True(float.IsFinite(Score(model).sum().item<float>()));
            adapter.Save(_folder.File("kept"));
            Assert.Equal(3 * 7 * 2, adapter.Parameters.Count(p => !p.Parameter.IsInvalid));
        }
    }

    [Fact]
    public void Adapters_of_other_models_and_kinds_are_refused_with_everything_that_is_wrong()
    {
        using VisionLanguageModel model = VisionLanguageModel.Load(nano.Model.Directory);
        string pattern = Assert.Throws<RomaException>(() => LoraAdapter.Create(model, new(targets: ["nowhere"]), 0)).Message;
        Assert.Contains("nowhere", pattern);
        LoraAdapter.Create(model, new(rank: 2, targets: ["q_proj"]), 0).Save(_folder.Path);
        string config = File.ReadAllText(_folder.File("adapter_config.json"));
        File.WriteAllText(_folder.File("adapter_config.json"), config.Replace("\"r\": 2", "\"r\": 4").Replace("\"q_proj\"", "\"v_proj\", \"q_proj\""));
        string message = Fault();
        Assert.Contains("layers.0.self_attn.v_proj.lora_A.weight is missing", message);
        Assert.Contains("layers.2.self_attn.q_proj.lora_B.weight is [96, 2] instead of [96, 4]", message);
        File.WriteAllText(_folder.File("adapter_config.json"), config.Replace("\"bias\": \"none\"", "\"bias\": \"all\", \"use_dora\": true, \"rank_pattern\": {\"a\": 3}"));
        message = Fault();
        Assert.All(new[] { "bias is all", "use_dora is true", "rank_pattern is set" }, fault => Assert.Contains(fault, message));

        string Fault()
        {
            using VisionLanguageModel fresh = VisionLanguageModel.Load(nano.Model.Directory);
            return Assert.Throws<RomaException>(() => LoraAdapter.Load(fresh, _folder.Path)).Message;
        }
    }

    [Fact]
    public void An_adapter_on_the_output_head_is_refused()
    {
        NanoModel.Create(_folder.Path, 1, size: new Qwen3VlSize
        {
            Hidden = 32, Mlp = 32, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 16, MropeSection = [3, 3, 2], VisionHidden = 16, VisionMlp = 16, VisionDepth = 1, VisionHeads = 1,
            PositionEmbeddings = 16, PatchSize = 8, Pixels = (32 * 32, 32 * 32), Tied = false,
        });
        using VisionLanguageModel model = VisionLanguageModel.Load(_folder.Path);
        Assert.Contains("lm_head", Assert.Throws<RomaException>(() => LoraAdapter.Create(model, new(targets: ["q_proj", "lm_head"]), 0)).Message);
        LoraAdapter.Create(model, new(targets: ["q_proj"]), 0);
    }

    private Tensor Score(VisionLanguageModel model)
    {
        Tensor patches = model.Patches(nano.Images[0], out Grid[] grids);
        return TeacherForcing.LogProbs(model.Network, [nano.Prompt(0)], model.Network.Encode(patches, grids), [[5, 9, 40, 2]]);
    }
}
