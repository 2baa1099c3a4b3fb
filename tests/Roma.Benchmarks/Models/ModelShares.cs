using System.Diagnostics;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Generation;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Qwen3Vl;
using Roma.Models.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Benchmarks.Models;

/// <summary>
/// Speed and memory of models as shares of limits that are measured beside them, so that a busy machine slows both: matrix products of a slice of a large model, decoding, shared prompts, loading.
/// Names of measures as arguments choose some; none: all.
/// </summary>
internal static class ModelShares
{
    private static readonly Qwen3VlSize Medium = new() // 0.6 billion parameters
    {
        Vocabulary = 151936, Hidden = 1024, Mlp = 3072, Layers = 28, Heads = 16, KeyValueHeads = 8, HeadDim = 128, MropeSection = [24, 20, 20], MaxPositions = 32768,
    };

    private static readonly Dictionary<string, Func<IEnumerable<(string What, double Value, string Bar)>>> Measures = new()
    {
        ["slice"] = () => Slice(ScalarType.Float32, "79 % forward and backward"),
        ["bf16"] = () => LinearMap.NativeBFloat16 ? Slice(ScalarType.BFloat16, "60 %") : [("bf16: this processor has no instructions for it", double.NaN, "")],
        ["decode"] = Decode,
        ["load"] = Load,
    };

    public static int Run(string[] names)
    {
        if (names is ["load-folder", var folder, var type])
            return LoadFolder(folder, Enum.Parse<ScalarType>(type));
        foreach (string name in names.Length > 0 ? names : [.. Measures.Keys])
            foreach ((string what, double value, string bar) in Measures[name]())
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-90} {value,8:F3}   {(bar.Length > 0 ? "aim: " + bar : "")}"));
        return 0;
    }

    /// <summary>Four decoder layers of the 4B geometry over 512 tokens, against a product of 2048 x 2048 matrices (fp32), or of the layers' own shapes (bf16).</summary>
    private static IEnumerable<(string, double, string)> Slice(ScalarType type, string bar)
    {
        const int Tokens = 512, Vocabulary = 1024;
        using DisposeScope scope = NewDisposeScope();
        ModelConfig whole = Config((Qwen3VlSize)new Qwen3VlFamily().Sizes["4b"]);
        TextConfig config = whole.Text with { Layers = 4, VocabSize = Vocabulary };
        LanguageModel model = (LanguageModel)new Qwen3VlFamily().Language(config).to(type);
        Randomize(model);
        Tensor angles = randn(Tokens, config.HeadDim / 2);
        var layout = new PackedLayout([Tokens], []);
        var batch = new TokenBatch(randint(0, Vocabulary, Tokens), angles.cos(), angles.sin(), null, layout);
        double weights = model.named_parameters().Where(p => p.name.Contains("layers") && p.parameter.dim() == 2).Sum(p => p.parameter.numel());
        double operations = 2 * Tokens * weights + config.Layers * 4.0 * Tokens * (Tokens + 1) / 2 * config.Heads * config.HeadDim;
        double limit = 0, forward = 0, both = 0;
        for (int i = 0; i < 4; i++)
        {
            limit = Math.Max(limit, type == ScalarType.Float32 ? Limits.Product(type) : Limits.Product(type, Tokens, config.HiddenSize, config.IntermediateSize));
            using (no_grad())
                forward = Math.Max(forward, operations / Limits.Best(2, () => model.Forward(batch, null, new PackedContext(layout))));
            both = Math.Max(both, 3 * operations / Limits.Best(1, () =>
            {
                model.Forward(batch, null, new PackedContext(layout)).sum().backward();
                model.zero_grad();
            }));
        }
        model.Dispose();
        yield return ($"{type} product, GFLOPS", limit / 1e9, "");
        yield return ($"{type} slice of the 4B geometry, 512 tokens, forward: share of it", forward / limit, "");
        yield return ($"{type} slice of the 4B geometry, 512 tokens, forward and backward: share of it", both / limit, bar);
    }

    /// <summary>One sequence of a model of 0.6 billion fp32 parameters: every token reads all of them. Then eight samples of one prompt.</summary>
    private static IEnumerable<(string, double, string)> Decode()
    {
        const int Prompt = 256, New = 24, Samples = 8;
        using DisposeScope scope = NewDisposeScope();
        using var network = new VisionLanguageNetwork(Config(Medium));
        Randomize(network);
        var generator = new TextGenerator(network, [], []);
        double bytes = 4.0 * network.named_parameters().Where(p => !p.name.Contains("visual")).Sum(p => p.parameter.numel()), bandwidth = 0, token = double.PositiveInfinity;
        for (int i = 0; i < 3; i++)
        {
            bandwidth = Math.Max(bandwidth, Limits.Bandwidth());
            token = Math.Min(token, (Seconds(16, 1, 1 + New) - Seconds(16, 1, 1)) / New);
        }
        yield return ("read bandwidth of a sum over 400 MB, GB/s", bandwidth / 1e9, "");
        yield return ($"decoding one sequence, {bytes / 1e9:F2} GB fp32, tokens a second", 1 / token, "");
        yield return ("decoding one sequence: share of the bandwidth", bytes / token / bandwidth, "0.70");
        double prefill = Seconds(Prompt, 1, 1), decode = Seconds(Prompt, 1, 9) - prefill, shared = Seconds(Prompt, Samples, 9);
        yield return ($"{Samples} samples of a prompt of {Prompt} tokens, 9 tokens each: times one prefill and {Samples} decodes", shared / (prefill + Samples * decode), "1.3");

        double Seconds(int prompt, int group, int tokens) => Limits.Best(2, () => generator.Generate(
            [new([.. Enumerable.Range(1000, prompt)], [.. Enumerable.Range(0, prompt).Select(t => (t, t, t))])], null, group, new(tokens, group > 1 ? 1 : 0), i => CounterRandom.Of(i)));
    }

    /// <summary>Peak memory of a process that loads a model, above what it had before, as a share of the weights in memory.</summary>
    private static IEnumerable<(string, double, string)> Load()
    {
        string root = Directory.CreateTempSubdirectory("roma-load-").FullName;
        try
        {
            foreach (ScalarType stored in new[] { ScalarType.Float32, ScalarType.BFloat16 })
                foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
                {
                    string folder = Path.Combine(root, stored.ToString());
                    if (!Directory.Exists(folder))
                        UntrainedModel.Create(folder, new Qwen3VlFamily(), Medium, 1, type: stored);
                    using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["models", "load-folder", folder, type.ToString()]) { RedirectStandardOutput = true })!;
                    string[] words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    yield return ($"loading {stored} as {type}, seconds", double.Parse(words[1], CultureInfo.InvariantCulture), "");
                    yield return ($"loading {stored} as {type}: peak memory in sizes of the weights", double.Parse(words[0], CultureInfo.InvariantCulture), "1.1");
                }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static int LoadFolder(string folder, ScalarType type)
    {
        using (Tensor warm = ones(8).to(type))
            warm.add(warm).Dispose();
        double before = Peak();
        long start = Stopwatch.GetTimestamp();
        using VisionLanguageModel model = VisionLanguageModel.Load(folder, type: type);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, weights = model.Network.named_parameters().Sum(p => p.parameter.numel() * p.parameter.element_size());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(Peak() - before) / weights} {seconds}"));
        return 0;

        static double Peak() => 1024.0 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static ModelConfig Config(IModelSize size) => ModelConfig.Parse(size.Config(Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(NanoTokenizer.Json()))));

    private static void Randomize(nn.Module module)
    {
        using IDisposable _ = no_grad();
        foreach (TorchSharp.Modules.Parameter parameter in module.parameters())
            parameter.uniform_(-0.02, 0.02);
    }
}
