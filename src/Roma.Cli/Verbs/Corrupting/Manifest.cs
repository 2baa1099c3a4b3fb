using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>The list of what was written into a folder, <c>manifest.jsonl</c>. It grows line by line, so that an interrupted run goes on, and is sorted at the end.</summary>
internal sealed class Manifest : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string _path;
    private readonly AppendLog _log;
    private readonly ConcurrentDictionary<string, ManifestLine> _lines = [];

    /// <exception cref="RomaException">The file is no manifest, or another process writes it.</exception>
    public Manifest(string path)
    {
        _path = path;
        _log = new AppendLog(path);
        foreach ((int i, string text) in AppendLog.Read(path).Index())
        {
            try
            {
                ManifestLine line = JsonSerializer.Deserialize<ManifestLine>(text, Json)!;
                _lines[line.Output] = line;
            }
            catch (JsonException e)
            {
                _log.Dispose();
                throw new RomaException($"{path}:{i + 1} is no line of a manifest: {e.Message}", "Move the file away, or choose another folder.", e);
            }
        }
    }

    /// <summary>A line for work at hand, without its results.</summary>
    public static ManifestLine Work(CorruptionRequest request, View cell, string source, string sourceSha256, string output) => new(
        source, sourceSha256, output, "", cell.Corruption, cell.Severity, cell.Seed, $"{request.Scale}".ToLowerInvariant(), $"{request.Fidelity}".ToLowerInvariant(),
        JsonDocument.Parse(request.Parameters(cell)).RootElement, null, null, null, 0, 0);

    /// <summary>Whether the same work was done before.</summary>
    public bool Holds(ManifestLine work) => _lines.TryGetValue(work.Output, out ManifestLine? line) && line.IsSameWork(work);

    public void Add(ManifestLine line)
    {
        _log.Append(JsonSerializer.Serialize(line, Json));
        _lines[line.Output] = line;
    }

    /// <summary>Rewrites the file in the order of the outputs, each once: it is the same for any number of threads and interruptions.</summary>
    public void Finish()
    {
        _log.Dispose();
        AtomicFile.WriteText(_path, string.Concat(_lines.Values.OrderBy(line => line.Output, StringComparer.Ordinal).Select(line => JsonSerializer.Serialize(line, Json) + "\n")));
    }

    public void Dispose() => _log.Dispose();
}
