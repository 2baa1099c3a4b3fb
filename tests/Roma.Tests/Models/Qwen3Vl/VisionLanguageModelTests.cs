using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Generation;
using Roma.Models.Processing;
using Roma.Models.Qwen3Vl;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Qwen3Vl;

public sealed class VisionLanguageModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_nano_model_has_the_stated_sizes_and_answers_about_a_picture()
    {
        using VisionLanguageModel model = Nano();
        RgbImage[] images = [Picture(1, 64, 64), Picture(2, 64, 64)];
        Tensor patches = model.Patches(images, out Grid[] grids);
        Assert.Equal([new(1, 8, 8), new(1, 8, 8)], grids);
        Assert.Equal([128, 3 * 2 * 8 * 8], patches.shape);
        TokenPrompt prompt = model.Prompt("read all digits of <image> and <image>", grids);
        Assert.Equal(2 * 16, prompt.Ids.Count(id => id == model.Config.ImageTokenId));
        IReadOnlyList<GeneratedSequence> replies = model.Generator().Generate([prompt], model.Network.Encode(patches, grids), 3, new(5), i => CounterRandom.Of(7, i));
        Assert.Equal(3, replies.Count);
        Assert.All(replies, reply => Assert.DoesNotContain(reply.Tokens, model.SuppressedTokens.Contains));
        Assert.Equal([model.Processor.Tokenizer.IdOf("<|im_end|>"), model.Processor.Tokenizer.IdOf("<|endoftext|>")], model.EndTokens);
    }

    [Fact]
    public void A_seed_gives_the_same_weights_again_and_another_seed_others()
    {
        foreach ((string name, long seed) in new[] { ("a", 5L), ("b", 5L), ("c", 6L) })
            NanoModel.Create(_folder.File(name), seed);
        byte[] a = Weights("a");
        Assert.True(a.AsSpan().SequenceEqual(Weights("b")));
        Assert.False(a.AsSpan().SequenceEqual(Weights("c")));
    }

    [Theory]
    [InlineData(ScalarType.Float32, "float32")]
    [InlineData(ScalarType.BFloat16, "bfloat16")]
    [InlineData(ScalarType.Float16, "float16")]
    public void A_saved_model_loads_bit_for_bit_with_its_small_files_and_unknown_keys(ScalarType type, string name)
    {
        string source = _folder.File("source"), target = _folder.File("saved");
        NanoModel.Create(source, 1);
        string config = File.ReadAllText(Path.Combine(source, "config.json"));
        File.WriteAllText(Path.Combine(source, "config.json"), config.Replace("\"model_type\": \"qwen3_vl\",", "\"model_type\": \"qwen3_vl\", \"kept\": [1, 2],"));
        using (VisionLanguageModel model = VisionLanguageModel.Load(source, type: type))
            model.Save(target);
        foreach (string file in Directory.GetFiles(source).Select(file => Path.GetFileName(file)).Where(file => file is not ("config.json" or "model.safetensors")))
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, file)), File.ReadAllBytes(Path.Combine(target, file)));
        Assert.Contains($"\"dtype\": \"{name}\"", File.ReadAllText(Path.Combine(target, "config.json")));
        Assert.Contains("\"kept\"", File.ReadAllText(Path.Combine(target, "config.json")));
        using Checkpoint before = Checkpoint.Open(source), after = Checkpoint.Open(target);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.DoesNotContain("lm_head.weight", after.Keys);
        foreach (string key in before.Keys)
        {
            Assert.Equal(type, after.Info(key).Type);
            Assert.True(before.Read(key).to(type).bytes.SequenceEqual(after.Read(key).bytes), key);
        }
        using VisionLanguageModel again = VisionLanguageModel.Load(target, type: type);
        foreach ((string key, Tensor parameter) in again.Network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)))
            Assert.True(parameter.bytes.SequenceEqual(after.Read(key).bytes), key);
    }

    [Fact]
    public void Every_weight_that_does_not_fit_is_named()
    {
        NanoModel.Create(_folder.Path, 1);
        Dictionary<string, Tensor> weights;
        using (Checkpoint checkpoint = Checkpoint.Open(_folder.Path))
            weights = checkpoint.Keys.ToDictionary(key => key, key => checkpoint.Read(key).clone());
        weights.Remove("model.language_model.norm.weight", out Tensor? norm);
        weights.Remove("model.language_model.layers.0.self_attn.q_proj.weight");
        weights["model.language_model.layers.1.mlp.down_proj.weight"] = zeros(3, 4);
        weights["extra.weight"] = norm!;
        weights["lm_head.weight"] = zeros(2, 2); // tied: the embedding is used
        SafetensorsFile.Write(_folder.File("model.safetensors"), weights);
        var fault = Assert.Throws<RomaException>(() => VisionLanguageModel.Load(_folder.Path));
        Assert.Contains("norm.weight is missing", fault.Message);
        Assert.Contains("layers.0.self_attn.q_proj.weight is missing", fault.Message);
        Assert.Contains("extra.weight is surplus", fault.Message);
        Assert.Contains("down_proj.weight is [3, 4] instead of [96, 256]", fault.Message);
        Assert.DoesNotContain("lm_head", fault.Message);
    }

    [Theory]
    [InlineData(ScalarType.Float32, float.NaN)]
    [InlineData(ScalarType.BFloat16, float.PositiveInfinity)]
    public void Weights_that_are_not_numbers_are_named(ScalarType type, float bad)
    {
        NanoModel.Create(_folder.Path, 1);
        Dictionary<string, Tensor> weights;
        using (Checkpoint checkpoint = Checkpoint.Open(_folder.Path))
            weights = checkpoint.Keys.ToDictionary(key => key, key => checkpoint.Read(key).to(type).clone());
        foreach (string key in new[] { "model.language_model.norm.weight", "model.visual.blocks.1.attn.qkv.weight" })
            weights[key].view(-1)[7] = bad;
        SafetensorsFile.Write(_folder.File("model.safetensors"), weights);
        foreach (bool trainable in new[] { false, true })
        {
            string message = Assert.Throws<RomaException>(() => VisionLanguageModel.Load(_folder.Path, trainable: trainable)).Message;
            Assert.Contains("model.language_model.norm.weight holds NaN", message);
            Assert.Contains("model.visual.blocks.1.attn.qkv.weight holds NaN", message);
            Assert.DoesNotContain("lm_head", message);
        }
    }

    [Fact]
    public void Changing_a_mapped_weight_leaves_the_file_as_it_was()
    {
        using VisionLanguageModel model = Nano();
        byte[] before = File.ReadAllBytes(_folder.File("model.safetensors"));
        using (no_grad())
            foreach ((_, TorchSharp.Modules.Parameter parameter) in model.Network.named_parameters())
                parameter.zero_();
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_folder.File("model.safetensors"))));
    }

    [Theory]
    [InlineData("config.json", "Qwen3VLForConditionalGeneration", "LlavaForConditionalGeneration", "supported are Qwen2_5_VLForConditionalGeneration, Qwen3VLForConditionalGeneration")]
    [InlineData("preprocessor_config.json", "\"patch_size\": 8", "\"patch_size\": 16", "patch_size is 16 in the processor and 8 in config.json")]
    [InlineData("config.json", "\"image_token_id\": 3", "\"image_token_id\": 2", "the image token is 3")]
    public void Files_of_different_models_are_refused(string file, string text, string replacement, string message)
    {
        NanoModel.Create(_folder.Path, 1);
        string content = File.ReadAllText(_folder.File(file));
        Assert.Contains(text, content);
        File.WriteAllText(_folder.File(file), content.Replace(text, replacement));
        Assert.Contains(message, Assert.Throws<RomaException>(() => VisionLanguageModel.Load(_folder.Path)).Message);
    }

    [Fact]
    public void Patches_of_many_pictures_are_those_of_each()
    {
        NanoModel.Create(_folder.Path, 1, size: Qwen3VlSize.Nano with { Pixels = (16 * 16, 128 * 128) });
        using VisionLanguageModel model = VisionLanguageModel.Load(_folder.Path);
        RgbImage[] images = [.. Enumerable.Range(0, 9).Select(i => Picture(i, 16 + 21 * i, 200 - 13 * i))];
        float[] patches = model.Patches(images, out Grid[] grids).data<float>().ToArray();
        Assert.Equal(images.SelectMany(image => model.Processor.Images.Process([image]).Patches), patches);
        Assert.Equal(images.Select(image => model.Processor.Images.GridOf(image.Width, image.Height)), grids);
    }

    private static RgbImage Picture(int seed, int width, int height)
    {
        var image = new RgbImage(width, height);
        CounterRandom random = CounterRandom.Of("picture", seed);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.NextUInt32();
        return image;
    }

    private byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder.File(name), "model.safetensors"));

    private VisionLanguageModel Nano()
    {
        NanoModel.Create(_folder.Path, 3);
        return VisionLanguageModel.Load(_folder.Path);
    }
}
