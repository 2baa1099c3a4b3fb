using System.Text.Json.Nodes;
using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>A Hugging Face model folder: <c>config.json</c> and the weights, in one safetensors file or in shards with an index. Not thread-safe.</summary>
public sealed class Checkpoint : IDisposable
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json", TrainingState = "training_state.json";
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _owners = [];

    private Checkpoint(string directory)
    {
        Directory = directory;
        Config = JsonFile.ReadObject(Path.Combine(directory, "config.json"));
    }

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <summary>The whole of <c>config.json</c>, unknown keys included; a saved copy starts from it.</summary>
    public JsonObject Config { get; }

    /// <summary>The weights' names.</summary>
    public IReadOnlyCollection<string> Keys => _owners.Keys;

    /// <summary>Opens a folder; weights are mapped when they are read.</summary>
    /// <param name="directory">A folder with <c>config.json</c> and <c>model.safetensors</c> or <c>model.safetensors.index.json</c>.</param>
    /// <exception cref="RomaException">Something is missing, invalid, or a pickle.</exception>
    public static Checkpoint Open(string directory)
    {
        if (!System.IO.Directory.Exists(directory))
            throw new RomaException($"There is no model folder {directory}: {Path.GetFullPath(directory)} does not exist.", "Name a local folder with config.json, tokenizer.json and safetensors weights; relative paths start at the working folder.");
        var checkpoint = new Checkpoint(directory);
        try
        {
            checkpoint.OpenWeights();
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Type and shape of a weight, read from the header alone.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <exception cref="RomaException">There is no such weight.</exception>
    public TensorInfo Info(string key) => Owner(key).Tensors[key];

    /// <summary>Returns a weight in its stored type, sharing the file's pages where they are aligned.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <exception cref="RomaException">There is no such weight.</exception>
    public Tensor Read(string key) => Owner(key).Read(key);

    /// <summary>Reads a weight into memory that exists, converting its type where that differs.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="target">Of the same shape.</param>
    /// <exception cref="RomaException">There is no such weight.</exception>
    public void CopyTo(string key, Tensor target) => Owner(key).CopyTo(key, target);

    /// <summary>
    /// Writes a model folder: everything goes into a temporary folder beside it, which then takes its name, so that a reader never sees half a checkpoint.
    /// </summary>
    /// <param name="directory">The folder to write; an existing one is replaced.</param>
    /// <param name="config">What <c>config.json</c> will hold.</param>
    /// <param name="weights">Names as in the file, and tensors.</param>
    /// <param name="assets">Further files by name: the tokenizer, the processor's settings, the chat template; see <see cref="Assets"/>.</param>
    /// <param name="shardBytes">Most bytes of weights a file (a larger weight gets one of its own); null: one file.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public static void Write(string directory, JsonObject config, IEnumerable<KeyValuePair<string, Tensor>> weights, IReadOnlyDictionary<string, byte[]> assets, long? shardBytes = null) =>
        WriteStored(directory, config, weights.Select(StoredTensor.Of), assets, shardBytes);

    internal static void WriteStored(string directory, JsonObject config, IEnumerable<StoredTensor> weights, IReadOnlyDictionary<string, byte[]> assets, long? shardBytes) =>
        AtomicFile.Guard(directory, () => WriteFolder(directory, config, weights, assets, shardBytes));

    /// <summary>A configuration that names another element type, under whichever keys it names one; none means float32.</summary>
    internal static JsonObject WithType(JsonObject config, ScalarType type)
    {
        var copy = (JsonObject)config.DeepClone();
        string name = type switch { ScalarType.BFloat16 => "bfloat16", ScalarType.Float16 => "float16", _ => "float32" };
        bool isNamed = false;
        foreach (JsonObject part in new[] { copy, copy["text_config"], copy["vision_config"] }.OfType<JsonObject>())
            foreach (string key in new[] { "dtype", "torch_dtype" })
                if (part.ContainsKey(key))
                {
                    part[key] = name;
                    isNamed = true;
                }
        if (!isNamed && type != ScalarType.Float32)
            copy["dtype"] = name;
        return copy;
    }

    private static void WriteFolder(string directory, JsonObject config, IEnumerable<StoredTensor> weights, IReadOnlyDictionary<string, byte[]> assets, long? shardBytes)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), suffix = $".{Guid.NewGuid():N}.tmp", old = target + ".old" + suffix;
        string temporary = System.IO.Directory.CreateDirectory(target + suffix).FullName;
        try
        {
            foreach ((string name, byte[] content) in assets)
                File.WriteAllBytes(Path.Combine(temporary, name), content);
            File.WriteAllText(Path.Combine(temporary, "config.json"), config.ToJsonString(JsonFile.Indented) + "\n");
            WriteWeights(temporary, [.. weights], shardBytes ?? long.MaxValue);
            if (System.IO.Directory.Exists(target))
                System.IO.Directory.Move(target, old);
            System.IO.Directory.Move(temporary, target);
            if (System.IO.Directory.Exists(old))
                System.IO.Directory.Delete(old, recursive: true);
        }
        catch
        {
            if (System.IO.Directory.Exists(old) && !System.IO.Directory.Exists(target))
                System.IO.Directory.Move(old, target);
            if (System.IO.Directory.Exists(temporary))
                System.IO.Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>The small files beside the weights (JSON, templates, merges; at most 64 MiB each), for a copy by <see cref="Write"/>; <c>config.json</c> is not among them, nor where a training run stood when it wrote the folder.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets() => new DirectoryInfo(Directory).EnumerateFiles()
        .Where(file => file.Extension is ".json" or ".jinja" or ".txt" && file.Name is not ("config.json" or Index or TrainingState) && file.Length <= JsonFile.MaxBytes)
        .ToDictionary(file => file.Name, file => File.ReadAllBytes(file.FullName));

    /// <summary>Lets go of the files; weights already read stay valid.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>Fills shard after shard in the order of the weights; a single one needs no index.</summary>
    private static void WriteWeights(string folder, StoredTensor[] weights, long shardBytes)
    {
        var shards = new List<List<StoredTensor>> { new() };
        long bytes = 0;
        foreach (StoredTensor weight in weights)
        {
            if (shards[^1].Count > 0 && bytes + weight.Bytes > shardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }
            shards[^1].Add(weight);
            bytes += weight.Bytes;
        }
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, Single), weights, metadata: null);
            return;
        }
        var map = new JsonObject();
        foreach ((int i, List<StoredTensor> shard) in shards.Index())
        {
            string name = $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, name), shard, metadata: null);
            shard.ForEach(weight => map[weight.Name] = name);
        }
        var metadata = new JsonObject { ["total_parameters"] = weights.Sum(weight => weight.Count), ["total_size"] = weights.Sum(weight => weight.Bytes) };
        File.WriteAllText(Path.Combine(folder, Index), new JsonObject { ["metadata"] = metadata, ["weight_map"] = map }.ToJsonString(JsonFile.Indented) + "\n");
    }

    private SafetensorsFile Owner(string key) =>
        _owners.TryGetValue(key, out SafetensorsFile? file) ? file : throw new RomaException($"The checkpoint {Directory} holds no weight {key}.");

    private void OpenWeights()
    {
        string index = Path.Combine(Directory, Index), single = Path.Combine(Directory, Single);
        if (File.Exists(single))
            AddFile(single);
        else if (File.Exists(index))
            OpenShards(index);
        else
        {
            string? pickle = new[] { "pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt" }.SelectMany(p => System.IO.Directory.EnumerateFiles(Directory, p)).FirstOrDefault();
            throw new RomaException($"{Directory} has neither {Single} nor {Index}" + (pickle is null ? "." : $"; {Path.GetFileName(pickle)} is a pickle, which could run code and is not read."),
                "Put safetensors weights there.");
        }
    }

    private void OpenShards(string index)
    {
        if (JsonFile.ReadObject(index)["weight_map"] is not JsonObject map)
            throw new RomaException($"{index} has no weight_map.");
        foreach (IGrouping<string, KeyValuePair<string, JsonNode?>> shard in map.GroupBy(entry => entry.Value?.ToString() ?? ""))
        {
            if (shard.Key.AsSpan().ContainsAny('/', '\\', ':') || Path.GetFileName(shard.Key) != shard.Key || !shard.Key.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new RomaException($"{index} names the shard '{shard.Key}'; a shard is a .safetensors file in the same folder.");
            SafetensorsFile file = AddFile(Path.Combine(Directory, shard.Key));
            string[] missing = [.. shard.Select(entry => entry.Key).Where(key => !file.Tensors.ContainsKey(key))];
            if (missing.Length > 0)
                throw new RomaException($"{file.Path} lacks {missing.Length} weights that {Index} promises, for example {missing[0]}.", "Download the checkpoint again.");
        }
    }

    private SafetensorsFile AddFile(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (string key in file.Tensors.Keys)
        {
            if (!_owners.TryAdd(key, file))
                throw new RomaException($"{path} and {_owners[key].Path} both hold {key}.", "Download the checkpoint again.");
        }
        return file;
    }
}
