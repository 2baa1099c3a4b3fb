using System.Text.Json;
using Roma.Core;

namespace Roma.Evaluation.Results;

/// <summary>Appends to a result log. An existing one is gone on with; one of another model, data or settings, and any other file, is refused untouched.</summary>
internal sealed class ResultWriter : IDisposable
{
    private readonly AppendLog _log;

    public ResultWriter(string path, ResultHeader header)
    {
        ResultLog? existing = ResultLog.TryRead(path);
        if (existing is null)
            RefuseForeignFile(path);
        else
            RefuseOther(path, existing.Header.Facts, header.Facts);
        _log = new AppendLog(path);
        Existing = existing ?? new(header, []);
        if (existing is null)
            Write(header);
    }

    /// <summary>What the log held already.</summary>
    public ResultLog Existing { get; }

    public void Write<T>(T line) => _log.Append(JsonSerializer.Serialize(line, ResultJson.Line));

    public void Dispose() => _log.Dispose();

    // A file without a complete line is about to be cut to nothing: only a torn header of our own may be.
    private static void RefuseForeignFile(string path)
    {
        if (!File.Exists(path))
            return;
        using StreamReader reader = File.OpenText(path);
        char[] start = new char[ResultHeader.Start.Length];
        if (!ResultHeader.Start.AsSpan().StartsWith(start.AsSpan(0, reader.ReadBlock(start))))
            throw new RomaException($"{path} exists and is no result log.", "Name another file.");
    }

    private static void RefuseOther(string path, IReadOnlyDictionary<string, string> there, IReadOnlyDictionary<string, string> here)
    {
        string[] differences = [.. there.Keys.Union(here.Keys).Where(name => there.GetValueOrDefault(name) != here.GetValueOrDefault(name))
            .Select(name => $"{name}: {there.GetValueOrDefault(name, "not recorded")} there, {here.GetValueOrDefault(name, "not recorded")} now")];
        if (differences.Length > 0)
            throw new RomaException($"{path} holds another evaluation: {string.Join("; ", differences)}.", "Name another folder (--out), or delete that file.");
    }
}
