using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Generation;
using Roma.Models.Kernels;
using Roma.Models.Lora;
using Roma.Models.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models;

/// <summary>A model folder in memory: network, processor, configuration, and the small files that a saved copy carries on.</summary>
public sealed class VisionLanguageModel : IDisposable
{
    private const string TiedHead = "lm_head.weight";
    private readonly IReadOnlyDictionary<string, byte[]> _assets;
    private readonly Func<string, string> _keyOf;

    private VisionLanguageModel(Checkpoint checkpoint, ModelConfig config, Device device, ScalarType type)
    {
        (Directory, Config) = (checkpoint.Directory, config);
        Processor = Processor.Load(checkpoint.Directory);
        Network = new VisionLanguageNetwork(config, type, device);
        (EndTokens, SuppressedTokens) = (config.EndTokens(checkpoint.Directory), Processor.Tokenizer.SuppressedTokens(config.Text.VocabSize));
        _assets = checkpoint.Assets();
        var family = ModelFamilies.Of(config.Architecture);
        // Some programs write the names of the reference's modules instead of the published keys; a saved copy keeps the spelling.
        _keyOf = Network.named_parameters().Any(p => checkpoint.Keys.Contains(family.StoredKey(p.name)) && p.name != TiedHead) ? family.StoredKey : name => name;
    }

    /// <summary>What <c>architectures</c> in <c>config.json</c> may name.</summary>
    public static IReadOnlyList<string> Architectures { get; } = [.. ModelFamilies.All.Values.Select(family => family.Architecture)];

    /// <summary>Where it was loaded from.</summary>
    public string Directory { get; }

    /// <summary>Sizes and special tokens.</summary>
    public ModelConfig Config { get; }

    /// <summary>The weights and what is computed with them.</summary>
    public VisionLanguageNetwork Network { get; }

    /// <summary>Chat format, tokenizer and image processor.</summary>
    public Processor Processor { get; }

    /// <summary>Tokens that end a reply.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Tokens that are never generated: vision specials and embedding rows that no token owns.</summary>
    public IReadOnlyList<int> SuppressedTokens { get; }

    /// <summary>Loads a model folder. Weights whose type in memory is the stored one are the file's own pages (privately: the file never changes); others are converted piece by piece.</summary>
    /// <param name="directory">A folder with <c>config.json</c>, safetensors weights, <c>tokenizer.json</c> (or <c>vocab.json</c> and <c>merges.txt</c>) and the image processor's settings; or an adapter's, which names the model below it.</param>
    /// <param name="device">Where the weights go; the CPU where null.</param>
    /// <param name="type">Their type in memory; where null fp32 on the CPU, whose kernels compute in it, and the stored type elsewhere.</param>
    /// <param name="trainable">Weights get aligned memory of their own: a trained model changes all pages anyway, and how products round may depend on alignment.</param>
    /// <param name="outline">For plans: names and shapes are checked, and weights are not read and take no memory; they hold anything.</param>
    /// <exception cref="RomaException">
    /// The architecture is not supported, files are missing or invalid, or weights are missing, surplus, of other shapes, or not finite: all of them are named.
    /// </exception>
    public static VisionLanguageModel Load(string directory, Device? device = null, ScalarType? type = null, bool trainable = false, bool outline = false)
    {
        if (LoraAdapter.IsAdapter(directory))
        {
            VisionLanguageModel below = Load(LoraAdapter.BaseOf(directory), device, type, trainable, outline);
            LoraAdapter.Load(below, directory);
            return below;
        }
        using Checkpoint checkpoint = Checkpoint.Open(directory);
        string found = checkpoint.Config["architectures"] is JsonArray and [{ } first, ..] ? first.ToString() : "none", where = Path.Combine(directory, "config.json");
        var family = ModelFamilies.Of(found, where);
        ModelConfig config = ModelConfig.Load(checkpoint);
        string[] faults = [.. family.Faults(config)];
        if (faults.Length > 0)
            throw new RomaException($"{where} asks for what is not implemented: {string.Join("; ", faults)}.", "Use a model as it was published.");
        device ??= CPU;
        var model = new VisionLanguageModel(checkpoint, config, device, type ?? (device.type == DeviceType.CPU ? ScalarType.Float32 : config.DataType));
        try
        {
            model.CheckProcessor();
            model.CheckWeights(checkpoint);
            if (!outline)
                model.ReadWeights(checkpoint, trainable);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The element type in which a model folder says its weights are stored.</summary>
    /// <param name="directory">The model folder.</param>
    /// <exception cref="RomaException">Its configuration is missing or invalid.</exception>
    public static ScalarType StoredType(string directory)
    {
        using Checkpoint checkpoint = Checkpoint.Open(directory);
        return ModelConfig.Load(checkpoint).DataType;
    }

    /// <summary>Saves a model folder that <see cref="Load"/> reads back bit for bit: weights in their type in memory (adapters, unless merged, have a folder of their own), the configuration and the small files as they came.</summary>
    /// <param name="directory">The folder; an existing one is replaced once the new one is whole.</param>
    /// <param name="shardBytes">Most bytes of weights a file; null: one file.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public void Save(string directory, long? shardBytes = null) => Checkpoint.Write(directory, Checkpoint.WithType(Config.Raw, Network.WeightType),
        Network.named_parameters().Where(p => !p.name.Contains(".lora_", StringComparison.Ordinal)).Select(p => KeyValuePair.Create(_keyOf(p.name), (Tensor)p.parameter)), _assets, shardBytes);

    /// <summary>Generates with this model's end tokens and suppressed tokens.</summary>
    public TextGenerator Generator() => new(Network, EndTokens, SuppressedTokens, Processor.Tokenizer);

    /// <summary>A question about pictures as token rows, ending with the head of the assistant's turn.</summary>
    /// <param name="userText">The text, with <c>&lt;image&gt;</c> where pictures stand, or without for pictures before it.</param>
    /// <param name="grids">The pictures' grids; see <see cref="ImageProcessor.GridOf"/>.</param>
    /// <param name="system">A system turn before it; null: none but the family's own.</param>
    /// <exception cref="RomaException">Pictures and their places do not match.</exception>
    public TokenPrompt Prompt(string userText, IReadOnlyList<Grid> grids, string? system = null) =>
        Prompt([.. system is null ? Array.Empty<Message>() : [new Message("system", system)], Message.User(userText, grids.Count)], grids);

    /// <summary>A conversation as token rows, ending with the head of the assistant's turn.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="grids">Its pictures' grids, in order.</param>
    /// <exception cref="RomaException">Pictures and their places do not match.</exception>
    public TokenPrompt Prompt(IReadOnlyList<Message> messages, IReadOnlyList<Grid> grids)
    {
        int[] ids = Processor.EncodeText(messages, grids), positions = Processor.Positions(ids, grids).Positions;
        return new(ids, [.. Enumerable.Range(0, ids.Length).Select(t => (positions[t], positions[ids.Length + t], positions[2 * ids.Length + t]))]);
    }

    /// <summary>Resizes, normalises and cuts pictures of any sizes, in parallel, straight into one tensor for <see cref="VisionLanguageNetwork.Encode"/>.</summary>
    /// <param name="images">At least one picture.</param>
    /// <param name="grids">The pictures' grids.</param>
    /// <returns>Patches [P, channels x frames x side x side], fp32, on the model's device.</returns>
    /// <exception cref="RomaException">A picture's aspect ratio is above 200.</exception>
    public unsafe Tensor Patches(IReadOnlyList<RgbImage> images, out Grid[] grids)
    {
        Grid[] all = grids = [.. images.Select(image => Processor.Images.GridOf(image.Width, image.Height))];
        int length = Processor.Images.PatchLength;
        long[] starts = new long[images.Count + 1];
        for (int i = 0; i < all.Length; i++)
            starts[i + 1] = starts[i] + all[i].Patches;
        Tensor patches_PC = empty(starts[^1], length);
        float* floats = TensorMemory.Floats(patches_PC);
        TensorMemory.Parallel(images.Count, (_, from, to) =>
        {
            for (int i = from; i < to; i++)
                Processor.Images.Fill(images[i], new Span<float>(floats + starts[i] * length, checked(all[i].Patches * length)));
        });
        if (Network.Device.type == DeviceType.CPU)
            return patches_PC;
        using (patches_PC)
            return patches_PC.to(Network.Device);
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose() => Network.Dispose();

    /// <summary>Files of different models in one folder would fail in the middle of a run, or not at all.</summary>
    private void CheckProcessor()
    {
        var faults = new List<string>();
        (ImageSettings images, VisionConfig vision) = (Processor.Images.Settings, Config.Vision);
        Expect("patch_size", images.PatchSize, vision.PatchSize);
        Expect("merge_size", images.MergeSize, vision.SpatialMergeSize);
        Expect("temporal_patch_size", images.TemporalPatchSize, vision.TemporalPatchSize);
        Expect("the image token", Processor.ImageToken, Config.ImageTokenId);
        if (Processor.Tokenizer.VocabularySize > Config.Text.VocabSize)
            faults.Add($"the tokenizer has {Processor.Tokenizer.VocabularySize} tokens, the embedding {Config.Text.VocabSize} rows");
        if (faults.Count > 0)
            throw new RomaException($"The files in {Directory} do not belong together: {string.Join("; ", faults)}.", "Use tokenizer, processor and weights of one model.");

        void Expect(string what, int processor, int config)
        {
            if (processor != config)
                faults.Add($"{what} is {processor} in the processor and {config} in config.json");
        }
    }

    private Dictionary<string, Tensor> Parameters() => Network.named_parameters().ToDictionary(p => _keyOf(p.name), p => (Tensor)p.parameter);

    private void CheckWeights(Checkpoint checkpoint)
    {
        Dictionary<string, Tensor> parameters = Parameters();
        Refuse(
        [
            .. parameters.Keys.Where(key => !checkpoint.Keys.Contains(key)).Select(key => $"{key} is missing"),
            .. checkpoint.Keys.Where(key => !parameters.ContainsKey(key) && !(Config.TieWordEmbeddings && key == TiedHead)).Select(key => $"{key} is surplus"),
            .. parameters.Where(p => checkpoint.Keys.Contains(p.Key) && !checkpoint.Info(p.Key).Shape.SequenceEqual(p.Value.shape))
                .Select(p => $"{p.Key} is [{string.Join(", ", checkpoint.Info(p.Key).Shape)}] instead of [{string.Join(", ", p.Value.shape)}]"),
            .. parameters.Keys.Where(key => checkpoint.Keys.Contains(key) && !is_floating_point(checkpoint.Info(key).Type)).Select(key => $"{key} is {checkpoint.Info(key).Type} instead of a float"),
        ], $"do not fit {Config.Architecture}", "Use weights and configuration of one model.");
    }

    private void ReadWeights(Checkpoint checkpoint, bool trainable)
    {
        using IDisposable _ = no_grad();
        Dictionary<string, Tensor> parameters = Parameters();
        foreach ((string key, Tensor parameter) in parameters)
        {
            if (trainable || parameter.device_type != DeviceType.CPU || parameter.dtype != checkpoint.Info(key).Type)
            {
                checkpoint.CopyTo(key, parameter);
                continue;
            }
            using Tensor stored = checkpoint.Read(key);
            parameter.set_(stored);
        }
        Refuse([.. parameters.Where(p => NonFinite.IsIn(p.Value)).Select(p => $"{p.Key} holds NaN or infinity")], "are damaged", "Download or train the model again.");
    }

    private void Refuse(string[] faults, string what, string remedy)
    {
        if (faults.Length > 0)
            throw new RomaException($"The weights in {Directory} {what}:\n  {string.Join("\n  ", faults)}", remedy);
    }
}
