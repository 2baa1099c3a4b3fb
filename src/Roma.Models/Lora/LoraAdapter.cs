using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Linear = Roma.Models.Layers.Linear;

namespace Roma.Models.Lora;

/// <summary>
/// Low-rank adapters on chosen linear layers of a model, in and out of PEFT's file layout: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> with keys
/// <c>base_model.model.LAYER.lora_A.weight</c>. The model's own weights are frozen while one is attached.
/// </summary>
public sealed class LoraAdapter
{
    private const string ConfigFile = "adapter_config.json", WeightFile = "adapter_model.safetensors", Prefix = "base_model.model.", OutputHead = "lm_head", A = ".lora_A.weight", B = ".lora_B.weight";
    private readonly List<(string Name, Linear Layer, Parameter A, Parameter B)> _layers = [];
    private readonly JsonObject? _read;

    private LoraAdapter(VisionLanguageModel model, LoraSettings settings, JsonObject? read)
    {
        (Settings, _read) = (settings, read);
        (string Name, Linear Layer)[] layers = [.. model.Network.named_modules().Where(m => m.module is Linear).Select(m => (m.name, (Linear)m.module))];
        if (layers.Any(layer => layer.Name.EndsWith(".lora_A", StringComparison.Ordinal)))
            throw new InvalidOperationException("The model has an adapter already.");
        (string Name, Linear Layer)[] covered = [.. layers.Where(layer => settings.Covers(layer.Name))];
        if (covered.Length == 0)
            throw new RomaException($"LoRA's layers ({settings.Pattern ?? string.Join(", ", settings.Targets!)}) match none of the model's.", $"Layers are named like {layers[0].Name} and {layers[^1].Name}.");
        if (settings.Targets?.FirstOrDefault(target => !layers.Any(layer => layer.Name == target || layer.Name.EndsWith("." + target, StringComparison.Ordinal))) is { } unknown)
            throw new RomaException($"LoRA's target {unknown} matches none of the model's layers.", $"Layers are named like {layers[0].Name} and {layers[^1].Name}.");
        if (covered.Any(layer => layer.Name == OutputHead)) // logits are made of its matrix alone
            throw new RomaException($"LoRA's layers ({settings.Pattern ?? string.Join(", ", settings.Targets!)}) hold the output head {OutputHead}, which is not supported.", $"Leave it out, for example with the pattern {LoraSettings.LanguageModel}.");
        foreach ((_, Parameter parameter) in model.Network.named_parameters())
            parameter.requires_grad = false;
        foreach ((string name, Linear layer) in covered)
        {
            (Parameter a, Parameter b) = layer.Attach(settings, name);
            _layers.Add((name, layer, a, b));
        }
    }

    /// <summary>Sizes and layers.</summary>
    public LoraSettings Settings { get; }

    /// <summary>What is trained, by the names of PEFT's file.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters => _layers.SelectMany(layer => new[] { (Prefix + layer.Name + A, layer.A), (Prefix + layer.Name + B, layer.B) });

    /// <summary>Whether a folder holds an adapter and no model of its own.</summary>
    /// <param name="directory">The folder.</param>
    public static bool IsAdapter(string directory) => File.Exists(Path.Combine(directory, ConfigFile)) && !File.Exists(Path.Combine(directory, "config.json"));

    /// <summary>The model folder below an adapter, as <c>base_model_name_or_path</c> names it.</summary>
    /// <param name="directory">The adapter's folder.</param>
    /// <exception cref="RomaException">The file is missing or names no folder.</exception>
    public static string BaseOf(string directory)
    {
        string where = Path.Combine(directory, ConfigFile);
        string? path = JsonFile.ReadObject(where)["base_model_name_or_path"]?.ToString();
        return Directory.Exists(path) ? path : throw new RomaException($"base_model_name_or_path in {where} is no folder: {path}", "Restore the folder, or set it to that of the model that the adapter was trained on.");
    }

    /// <summary>Attaches a new adapter, which changes nothing yet: the first factor is drawn uniformly from +-1 / sqrt(inputs), the second is zero.</summary>
    /// <param name="model">The model; its own weights are frozen.</param>
    /// <param name="settings">Sizes and layers.</param>
    /// <param name="seed">Every seed gives other weights.</param>
    /// <exception cref="RomaException">No layer matches.</exception>
    public static LoraAdapter Create(VisionLanguageModel model, LoraSettings settings, long seed)
    {
        var adapter = new LoraAdapter(model, settings, null);
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        foreach ((_, _, Parameter a, Parameter b) in adapter._layers)
        {
            double bound = 1 / Math.Sqrt(a.shape[1]);
            a.copy_(rand(a.shape, generator: generator).mul_(Kernels.Scalars.Of(2 * bound)).sub_(Kernels.Scalars.Of(bound)));
            b.zero_();
        }
        return adapter;
    }

    /// <summary>Attaches an adapter from a folder of PEFT's layout.</summary>
    /// <param name="model">The model for which it was made; its own weights are frozen.</param>
    /// <param name="directory">The folder.</param>
    /// <exception cref="RomaException">A file is missing or invalid, asks for what is not supported, or its weights do not fit: all of them are named.</exception>
    public static LoraAdapter Load(VisionLanguageModel model, string directory)
    {
        string where = Path.Combine(directory, ConfigFile);
        JsonObject json = JsonFile.ReadObject(where);
        var settings = LoraSettings.Parse(json, where);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(directory, WeightFile));
        var adapter = new LoraAdapter(model, settings, json);
        var family = ModelFamilies.Of(model.Config.Architecture);
        // Older programs name layers as the checkpoint stores them.
        Dictionary<string, Parameter> parameters = adapter.Parameters.ToDictionary(
            p => file.Tensors.ContainsKey(p.Name) ? p.Name : Prefix + family.StoredKey(p.Name[Prefix.Length..]) is string stored && file.Tensors.ContainsKey(stored) ? stored : p.Name, p => p.Parameter);
        string[] faults =
        [
            .. parameters.Keys.Except(file.Tensors.Keys).Select(key => $"{key} is missing"),
            .. file.Tensors.Keys.Except(parameters.Keys).Select(key => $"{key} is surplus"),
            .. parameters.Where(p => file.Tensors.TryGetValue(p.Key, out TensorInfo? info) && !info.Shape.SequenceEqual(p.Value.shape))
                .Select(p => $"{p.Key} is [{string.Join(", ", file.Tensors[p.Key].Shape)}] instead of [{string.Join(", ", p.Value.shape)}]"),
        ];
        if (faults.Length > 0)
            throw new RomaException($"The adapter {directory} does not fit {model.Directory}:\n  {string.Join("\n  ", faults)}", "Use an adapter that was made for this model.");
        foreach ((string key, Parameter parameter) in parameters)
            file.CopyTo(key, parameter);
        return adapter;
    }

    /// <summary>Writes a folder that <see cref="Load"/> and PEFT read: a file is whole or as it was.</summary>
    /// <param name="directory">The folder; files of the same names are replaced.</param>
    /// <param name="baseModel">The folder of the model below it, for <c>base_model_name_or_path</c>; null: as it was read.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public void Save(string directory, string? baseModel = null)
    {
        JsonObject json = Settings.Json(_read);
        if (baseModel is not null)
            json["base_model_name_or_path"] = baseModel;
        AtomicFile.Guard(directory, () => Directory.CreateDirectory(directory));
        AtomicFile.Guard(directory, () => SafetensorsFile.Write(Path.Combine(directory, WeightFile), Parameters.Select(p => KeyValuePair.Create(p.Name, (Tensor)p.Parameter))));
        AtomicFile.WriteText(Path.Combine(directory, ConfigFile), json.ToJsonString(JsonFile.Indented) + "\n");
    }

    /// <summary>Adds the adapter to the model's own weights, which then need it no more. A weight that is the file's own page becomes memory; the file does not change.</summary>
    public void Merge() => _layers.ForEach(layer => layer.Layer.Merge());
}
