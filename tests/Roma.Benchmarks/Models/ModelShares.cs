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
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-120} {value,8:F3}   {(bar.Length > 0 ? "aim: " + bar : "")}"));
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
        (double Clock, double Processor) limit = Never, forward = Never, both = Never;
        bool wide = type == ScalarType.Float32;
        double product = wide ? 2 * Math.Pow(2048, 3) : 2.0 * Tokens * config.HiddenSize * config.IntermediateSize;
        for (int i = 0; i < 4; i++)
        {
            limit = Least(limit, wide ? Limits.Product(type) : Limits.Product(type, Tokens, config.HiddenSize, config.IntermediateSize));
            using (no_grad())
                forward = Least(forward, Limits.Best(2, () => model.Forward(batch, null, new PackedContext(layout))));
            both = Least(both, Limits.Best(1, () =>
            {
                model.Forward(batch, null, new PackedContext(layout)).sum().backward();
                model.zero_grad();
            }));
        }
        model.Dispose();
        yield return ($"{type} product, GFLOPS", product / limit.Clock / 1e9, "");
        foreach ((string name, double times, (double Clock, double Processor) seconds, string aim) in new[] { ("forward", 1.0, forward, ""), ("forward and backward", 3, both, bar) })
        {
            yield return ($"{type} slice of the 4B geometry, 512 tokens, {name}: share of it", times * operations / product * limit.Clock / seconds.Clock, aim);
            yield return ($"{type} slice of the 4B geometry, 512 tokens, {name}: share by processor time", times * operations / product * limit.Processor / seconds.Processor, aim);
        }
    }

    /// <summary>One sequence of a model of 0.6 billion fp32 parameters: every token reads all of them. Then eight samples of one prompt.</summary>
    private static IEnumerable<(string, double, string)> Decode()
    {
        const int Prompt = 256, New = 24, Samples = 8;
        using DisposeScope scope = NewDisposeScope();
        using var network = new VisionLanguageNetwork(Config(Medium));
        Randomize(network);
        var generator = new TextGenerator(network, [], []);
        double bytes = 4.0 * network.named_parameters().Where(p => !p.name.Contains("visual")).Sum(p => p.parameter.numel());
        (double Clock, double Processor) sum = Never, token = Never;
        for (int i = 0; i < 3; i++)
        {
            sum = Least(sum, Limits.Sum());
            ((double Clock, double Processor) longer, (double Clock, double Processor) first) = (Seconds(16, 1, 1 + New), Seconds(16, 1, 1));
            token = Least(token, ((longer.Clock - first.Clock) / New, (longer.Processor - first.Processor) / New));
        }
        yield return ("read bandwidth of a sum over 400 MB, GB/s", 0.4 / sum.Clock, "");
        yield return ($"decoding one sequence, {bytes / 1e9:F2} GB fp32, tokens a second", 1 / token.Clock, "");
        yield return ("decoding one sequence: share of the bandwidth", bytes / 4e8 * sum.Clock / token.Clock, "0.70");
        yield return ("decoding one sequence: share by processor time", bytes / 4e8 * sum.Processor / token.Processor, "0.70");
        (double Clock, double Processor) prefill = Never, one = Never, all = Never;
        for (int i = 0; i < 3; i++)
            (prefill, one, all) = (Least(prefill, Seconds(Prompt, 1, 1)), Least(one, Seconds(Prompt, 1, 1 + New)), Least(all, Seconds(Prompt, Samples, 1 + New)));
        string what = $"{Samples} samples of a prompt of {Prompt} tokens, {1 + New} tokens each: in prefills and {Samples} times the decoding of one";
        yield return (what, all.Clock / (prefill.Clock + Samples * (one.Clock - prefill.Clock)), "1.3");
        yield return (what + ", processor time", all.Processor / (prefill.Processor + Samples * (one.Processor - prefill.Processor)), "1.3");

        (double Clock, double Processor) Seconds(int prompt, int group, int tokens) => Limits.Best(2, () => generator.Generate(
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

    private static (double Clock, double Processor) Never => (double.PositiveInfinity, double.PositiveInfinity);

    private static (double Clock, double Processor) Least((double Clock, double Processor) a, (double Clock, double Processor) b) => (Math.Min(a.Clock, b.Clock), Math.Min(a.Processor, b.Processor));

    private static ModelConfig Config(IModelSize size) => ModelConfig.Parse(size.Config(Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(NanoTokenizer.Json()))));

    private static void Randomize(nn.Module module)
    {
        using IDisposable _ = no_grad();
        foreach (TorchSharp.Modules.Parameter parameter in module.parameters())
            parameter.uniform_(-0.02, 0.02);
    }
}
