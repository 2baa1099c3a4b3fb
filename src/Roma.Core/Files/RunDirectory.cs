using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Roma.Core;

/// <summary>
/// The folder of one run: its resolved configuration (<c>config.json</c>), where and with what it ran (<c>run.json</c>), and whatever the run writes. It is locked while
/// it is open, so that two processes never write one run.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private const string Configuration = "config.json", Facts = "run.json", LockFile = ".lock";
    private const int MostNamed = 5, ReadOnlyUnix = 30; // EROFS
    private readonly string _configuration;
    private readonly string? _before, _hashBefore;
    private readonly ulong _seed;
    private FileStream? _lock;

    /// <summary>Opens a run to go on with it, or a folder for a new one: checks it and locks it where it exists. Nothing but the lock is written before <see cref="Begin"/>.</summary>
    /// <param name="path">The folder, for example <c>runs/demo</c>.</param>
    /// <param name="configuration">The record tree of the run: see <see cref="StrictYaml"/>.</param>
    /// <param name="seed">The seed from which all of the run's draws come.</param>
    /// <param name="resume">Whether a run that stands there is to be continued; it must have the same configuration.</param>
    /// <param name="free">Keys whose values may change all the same (<c>steps</c>, <c>validation.every</c>), those below them included; the configuration before stays beside the new one as <c>config-TIME.json</c>. Null: none.</param>
    /// <exception cref="RomaException">A run stands there already, or with another configuration, or is open in another process; or the folder is not writable.</exception>
    public RunDirectory(string path, object configuration, ulong seed, bool resume = false, IReadOnlyList<string>? free = null)
    {
        (Path, _seed, _configuration) = (path, seed, StrictYaml.ToJson(configuration, indented: true));
        _lock = Directory.Exists(path) ? Lock(path) : null;
        try
        {
            string file = PathOf(Configuration);
            IsResumed = File.Exists(file);
            if (IsResumed && !resume)
                throw new RomaException($"A run stands in {path} already.", "Choose another folder.");
            _before = Changed(path, configuration, free);
            ConfigurationHash = Hash(_configuration, file, free);
            _hashBefore = IsResumed ? Hash(File.ReadAllText(file), file, free) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Whether a run stood there and is continued.</summary>
    public bool IsResumed { get; }

    /// <summary>Whether it is continued with other values of keys that may change.</summary>
    public bool IsChanged => _before is not null;

    /// <summary>SHA-256 of the configuration, every default included, without the keys that may change.</summary>
    public string ConfigurationHash { get; } = "";

    /// <summary>Makes the folder and locks it where it did not exist, and writes configuration and facts.</summary>
    /// <exception cref="RomaException">Another process has begun a run there; or the folder is not writable.</exception>
    public void Begin()
    {
        _lock ??= Lock(Path);
        string file = PathOf(Configuration);
        if (!IsResumed && File.Exists(file))
            throw new RomaException($"Another process has begun a run in {Path}.", "Choose another folder, or start again to go on with it.");
        string stamp = $"{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}";
        if (_before is not null)
            AtomicFile.WriteText(PathOf($"config-{stamp}.json"), _before);
        if (!IsResumed || File.ReadAllText(file) != _configuration)
            AtomicFile.WriteText(file, _configuration);
        var facts = new OrderedDictionary<string, object>(Machine.Describe().Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value)))
        {
            ["seed"] = _seed,
            ["command"] = Environment.GetCommandLineArgs()[1..],
            ["started"] = DateTimeOffset.UtcNow,
        };
        AtomicFile.WriteText(PathOf(IsResumed ? $"run-{stamp}.json" : Facts), JsonSerializer.Serialize(facts));
    }

    /// <summary>Whether a hash that was kept is this run's <see cref="ConfigurationHash"/>, also by a version that did not know every key yet.</summary>
    /// <param name="hash">What was kept.</param>
    public bool IsOf(string hash) => hash == ConfigurationHash || hash == _hashBefore;

    /// <summary>Whether another process has a run open.</summary>
    /// <param name="path">Its folder.</param>
    public static bool IsOpen(string path)
    {
        try
        {
            using var file = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>What is told of a run that another process has open.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="cause">What the system said.</param>
    public static RomaException Occupied(string path, Exception? cause = null) => new($"The run in {path} is open in another process.", "Wait until it has ended, or choose another folder.", cause);

    /// <summary>Compares the configuration of a run that stands in a folder. Nothing is written.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="configuration">The record tree to go on with.</param>
    /// <param name="free">Keys whose values may change; null: none.</param>
    /// <returns>The run's own configuration where values that may change did; null where none did, or no run stands there.</returns>
    /// <exception cref="RomaException">Another value changed.</exception>
    public static string? Changed(string path, object configuration, IReadOnlyList<string>? free = null)
    {
        string json = StrictYaml.ToJson(configuration, indented: true), file = System.IO.Path.Combine(path, Configuration);
        if (!File.Exists(file) || File.ReadAllText(file) is var before && before == json)
            return null;
        OrderedDictionary<string, string> then = Values(WithDefaults(before, configuration.GetType(), file), file), now = Values(json, file);
        string[] changed = [.. then.Keys.Union(now.Keys).Where(key => then.GetValueOrDefault(key) != now.GetValueOrDefault(key))], refused = [.. changed.Where(key => !IsFree(key, free))];
        if (refused.Length > 0)
            throw new RomaException($"The run in {path} was started with another configuration: {Describe(refused, then, now)}.",
                $"Resume it with the same configuration, or choose another folder.{(free is null ? "" : $" What may change: {string.Join(", ", free)}.")}");
        return changed.Length > 0 ? before : null;
    }

    /// <summary>The path of a file of this run.</summary>
    /// <param name="name">Its name, relative to the folder.</param>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets other processes at the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    private static FileStream Lock(string path)
    {
        FileStream? file = null;
        AtomicFile.Guard(path, () =>
        {
            Directory.CreateDirectory(path);
            string name = System.IO.Path.Combine(path, LockFile);
            try
            {
                file = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); // freed by the system when the process dies
            }
            catch (IOException e) when (File.Exists(name) && e is not { HResult: ReadOnlyUnix })
            {
                throw Occupied(path, e);
            }
        });
        return file!;
    }

    private static bool IsFree(string key, IReadOnlyList<string>? free) => free?.Any(name => key == name || key.StartsWith(name + ".", StringComparison.Ordinal)) == true;

    private static string Hash(string json, string file, IReadOnlyList<string>? free) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', Values(json, file).Where(pair => !IsFree(pair.Key, free)).Select(pair => $"{pair.Key}: {pair.Value}")))));

    /// <summary>Every value of a configuration by its path, for example <c>optimizer.lr</c>.</summary>
    private static OrderedDictionary<string, string> Values(string json, string file)
    {
        try
        {
            var values = new OrderedDictionary<string, string>();
            Collect(JsonNode.Parse(json), "");
            return values;

            void Collect(JsonNode? node, string path)
            {
                if (node is JsonObject { Count: > 0 } mapping)
                    foreach ((string key, JsonNode? value) in mapping)
                        Collect(value, path.Length == 0 ? key : $"{path}.{key}");
                else
                    values[path] = node?.ToJsonString() ?? "null";
            }
        }
        catch (JsonException e)
        {
            throw new RomaException($"{file} is damaged: {e.Message}", "Restore it, or choose another folder.", e);
        }
    }

    /// <summary>A configuration of an earlier version with the keys that it did not know yet.</summary>
    private static string WithDefaults(string json, Type type, string file)
    {
        try
        {
            return StrictYaml.ToJson(StrictYaml.Bind(type, YamlReader.Read(json, _ => file)));
        }
        catch (RomaException)
        {
            return json; // shows itself in the comparison
        }
    }

    private static string Describe(string[] keys, OrderedDictionary<string, string> before, OrderedDictionary<string, string> after) => string.Join("; ", keys.Take(MostNamed)
        .Select(key => $"{key} was {before.GetValueOrDefault(key) ?? "not set"} and is {after.GetValueOrDefault(key) ?? "not set"}")) + (keys.Length > MostNamed ? $"; and {keys.Length - MostNamed} more" : "");
}
