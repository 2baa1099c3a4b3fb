using Roma.Cli;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Lora;
using Roma.Models.Qwen3Vl;
using Roma.Tests.Models;

namespace Roma.Tests.Cli;

public sealed class ModelVerbTests : IDisposable
{
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;
    private readonly TemporaryFolder _folder = new();

    public ModelVerbTests() => _terminal = new Terminal(_out, _error);

    public void Dispose()
    {
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_model_is_made_described_and_asked()
    {
        string model = _folder.File("nano"), picture = _folder.File("grey.png");
        ImageCodec.SavePng(new RgbImage(64, 64), picture);
        Assert.Equal(Application.Done, Run("model", "init", "--out", model, "--seed", "3"));
        Assert.Equal(Application.Done, Run("model", "info", model, "--image", picture));
        Assert.Contains("646,704 parameters", _out.ToString());
        Assert.Contains("16 tokens", _out.ToString());
        string[] ask = ["generate", "--model", model, "--image", picture, "--prompt", "read all digits", "--n", "2", "--temperature", "1", "--max-tokens", "6", "--seed"];
        Assert.Equal(["--- 1", "--- 2"], Replies("5").Split('\n').Where(line => line.StartsWith("---")).Select(line => line.Trim()));
        Assert.Equal(Replies("5"), Replies("5"));
        Assert.NotEqual(Replies("5"), Replies("6"));

        string Replies(string seed)
        {
            _out.GetStringBuilder().Clear();
            Assert.Equal(Application.Done, Run([.. ask, seed]));
            return _out.ToString();
        }
    }

    [Fact]
    public void Replies_can_be_streamed_stopped_and_conditioned()
    {
        string model = _folder.File("nano");
        NanoModel.Create(model, 3, deviation: 0.15);
        string[] ask = ["generate", "--model", model, "--prompt", "read all digits", "--temperature", "1.5", "--top-k", "50", "--top-p", "0.95", "--repetition-penalty", "1.1", "--n", "3", "--max-tokens", "12", "--seed", "2"];
        string plain = Replies(ask);
        Assert.Equal(plain, Replies([.. ask, "--stream"]));
        string first = plain.Split('\n')[1].TrimEnd();
        Assert.NotEqual(plain, Replies([.. ask, "--stop", first[..1]]));
        Assert.NotEqual(plain, Replies([.. ask, "--system", "Be brief."]));
        Assert.Equal(plain, Replies([.. ask, "--dtype", "float32", "--device", "cpu"]));

        string Replies(string[] words)
        {
            _out.GetStringBuilder().Clear();
            Assert.True(Run(words) == Application.Done, _error.ToString());
            return _out.ToString();
        }
    }

    [Fact]
    public void A_model_is_converted_with_an_adapter_merged()
    {
        string model = _folder.File("qwen25"), adapter = _folder.File("adapter"), merged = _folder.File("merged");
        Assert.Equal(Application.Done, Run("model", "init", "--family", "qwen2_5_vl", "--dtype", "bfloat16", "--shard-size", "300kB", "--out", model));
        using (VisionLanguageModel loaded = VisionLanguageModel.Load(model))
            LoraAdapter.Create(loaded, new(rank: 2), seed: 1).Save(adapter);
        Assert.Equal(Application.Done, Run("model", "convert", model, "--adapter", adapter, "--dtype", "float32", "--out", merged));
        Assert.Equal(Application.Done, Run("model", "info", merged));
        Assert.Contains("qwen2_5_vl", _out.ToString());
        Assert.Contains("memory to train LoRA", _out.ToString());
        using Checkpoint before = Checkpoint.Open(model), after = Checkpoint.Open(merged); // a new adapter's product is zero
        Assert.True(File.Exists(Path.Combine(model, "model.safetensors.index.json")));
        Assert.All(before.Keys, key => Assert.True(before.Read(key).to(TorchSharp.torch.ScalarType.Float32).bytes.SequenceEqual(after.Read(key).bytes), key));
    }

    [Fact]
    public void A_run_that_trained_an_adapter_is_converted_by_its_folder()
    {
        string model = _folder.File("below"), run = _folder.File("run"), latest = _folder.File("run/checkpoints/step-000001");
        NanoModel.Create(model, 1);
        using (VisionLanguageModel loaded = VisionLanguageModel.Load(model))
            LoraAdapter.Create(loaded, new(rank: 2), seed: 1).Save(latest, model);
        File.WriteAllText(Path.Combine(latest, "training_state.json"), "{}");
        foreach (string line in new[] { $"model convert {run} --out {model}-1", $"model convert {latest} --out {model}-2", $"model convert {model} --adapter {run} --out {model}-3" })
            Assert.True(Application.Done == Run(line.Split(' ')), $"{line}: {_error}");
        Assert.Equal(File.ReadAllBytes($"{model}-1/model.safetensors"), File.ReadAllBytes($"{model}-3/model.safetensors"));
        Assert.Equal(Application.UserFault, Run("model", "convert", run, "--adapter", run, "--out", $"{model}-4"));
        Assert.Contains("is an adapter already", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_overwritten_and_faults_are_the_users()
    {
        string model = _folder.File("nano");
        NanoModel.Create(model, 1);
        foreach ((string line, string message) in new[]
        {
            ($"model init --out {model}", "is not an empty folder"),
            ($"model init --size huge --out {model}2", "Must be one of"),
            ("model init", "--out"),
            ($"model init --family qwen2_5_vl --size 4b --out {model}2", "has no size '4b'"),
            ($"model init --out {model}2 --shard-size much", "no amount of bytes"),
            ($"model convert {model} --out {model}", "is not an empty folder"),
            ($"generate --model {model} --prompt x --top-p 2", "top_p above 0 up to 1"),
            ($"generate --model {model} --prompt x --adapter {_folder.Path}/none", "There is no file"),
            ($"model info {_folder.Path}", "There is no file"),
            ($"model verify {model} --reference {_folder.Path}/none", "is no reference case"),
            ($"generate --model {model} --prompt x --n 2", "would be the same"),
            ($"generate --model {model} --prompt x --max-tokens 5000", "more than the model's 4096 positions"),
            ($"generate --model {model} --prompt x --temperature -1", "temperature >= 0"),
            ($"generate --model {model} --prompt x --image {_folder.Path}/none.png", "none.png"),
        })
        {
            _error.GetStringBuilder().Clear();
            Assert.True(Run(line.Split(' ')) == Application.UserFault, $"{line}: {_error}");
            Assert.Contains(message, _error.ToString());
        }
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(GoldenModels.Folders), "*/checkpoint", MemberType = typeof(GoldenModels))]
    public void Verify_accepts_the_references_model_and_refuses_another(string relative)
    {
        string checkpoint = Golden.PathOf(relative), cases = Path.Combine(Path.GetDirectoryName(checkpoint)!, "cases"), other = _folder.File("nano");
        Assert.Equal(Application.Done, Run("model", "verify", checkpoint, "--reference", cases));
        Assert.DoesNotContain("DEPARTS", _out.ToString());
        NanoModel.Create(other, 1);
        Assert.Equal(Application.UserFault, Run("model", "verify", other, "--reference", cases));
        Assert.Contains("another model", _error.ToString());
    }

    private int Run(params string[] words) => Application.Run(words, _terminal);
}
