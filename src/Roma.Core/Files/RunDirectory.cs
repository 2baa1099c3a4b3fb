using System.Text.Json;

namespace Roma.Core;

/// <summary>
/// The folder of one run: its resolved configuration (<c>config.json</c>), where and with what it ran (<c>run.json</c>), and whatever the run writes. It is locked while
/// it is open, so that two processes never write one run.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private const string Configuration = "config.json", Facts = "run.json", LockFile = ".lock";
    private readonly FileStream _lock;

    /// <summary>Creates a run, or opens one to go on with it.</summary>
    /// <param name="path">The folder, for example <c>runs/demo</c>.</param>
    /// <param name="configuration">The record tree of the run: see <see cref="StrictYaml"/>.</param>
    /// <param name="seed">The seed from which all of the run's draws come.</param>
    /// <param name="resume">Whether a run that stands there is to be continued; it must have the same configuration.</param>
    /// <exception cref="RomaException">A run stands there already, or with another configuration, or is open in another process; or the folder is not writable.</exception>
    public RunDirectory(string path, object configuration, ulong seed, bool resume = false)
    {
        Path = path;
        _lock = Lock(path);
        try
        {
            string json = StrictYaml.ToJson(configuration, indented: true), file = PathOf(Configuration);
            IsResumed = File.Exists(file);
            if (IsResumed && !resume)
                throw new RomaException($"A run stands in {path} already.", "Choose another folder.");
            if (IsResumed && File.ReadAllText(file) is var before && before != json)
                throw new RomaException($"The run in {path} was started with another configuration: {Difference(before, json)}.", "Resume it with the same configuration, or choose another folder.");
            if (!IsResumed)
                AtomicFile.WriteText(file, json);
            var facts = new OrderedDictionary<string, object>(Machine.Describe().Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value)))
            {
                ["seed"] = seed,
                ["command"] = Environment.GetCommandLineArgs()[1..],
                ["started"] = DateTimeOffset.UtcNow,
            };
            AtomicFile.WriteText(PathOf(IsResumed ? $"run-{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}.json" : Facts), JsonSerializer.Serialize(facts));
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

    /// <summary>The path of a file of this run.</summary>
    /// <param name="name">Its name, relative to the folder.</param>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets other processes at the folder.</summary>
    public void Dispose() => _lock.Dispose();

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
            catch (IOException e) when (File.Exists(name))
            {
                throw new RomaException($"The run in {path} is open in another process.", "Wait until it has ended, or choose another folder.", e);
            }
        });
        return file!;
    }

    /// <summary>The first lines that differ, before and after.</summary>
    private static string Difference(string before, string after)
    {
        (string? First, string? Second) pair = before.Split('\n').Zip(after.Split('\n')).FirstOrDefault(pair => pair.First != pair.Second);
        return $"{pair.First?.Trim() ?? "fewer keys"} then, {pair.Second?.Trim() ?? "more keys"} now";
    }
}
