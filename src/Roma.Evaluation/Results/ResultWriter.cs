using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Roma.Core;

namespace Roma.Evaluation.Results;

/// <summary>Appends to a result log. Opening an existing one cuts off a torn last line and refuses one of other settings; lines reach the file at least once a second.</summary>
internal sealed class ResultWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly Stopwatch _sinceFlush = Stopwatch.StartNew();

    public ResultWriter(string path, ResultHeader header)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RomaException($"The result log {path} cannot be written: {e.Message}", "End the other run that writes it, or name another file.", e);
        }
        try
        {
            Existing = Open(path, header);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>What the log held already.</summary>
    public ResultLog Existing { get; }

    public void Append(ResultRecord record)
    {
        Write(record);
        if (_sinceFlush.ElapsedMilliseconds < 1000)
            return;
        _file.Flush();
        _sinceFlush.Restart();
    }

    public void Dispose() => _file.Dispose();

    private ResultLog Open(string path, ResultHeader header)
    {
        (ResultLog? log, long end) = ResultLog.Read(_file, path);
        if (log is null)
        {
            RefuseForeignFile(path);
            _file.SetLength(0);
            Write(header);
            _file.Flush();
            return new(header, []);
        }
        if (log.Header.Settings != header.Settings || log.Header.Model != header.Model)
            throw new RomaException(
                $"{path} holds results of {log.Header.Model} on {log.Header.Suite} version {log.Header.Version} with {(log.Header.Model == header.Model ? "other settings" : "other settings or weights")}; this run is {header.Model} on {header.Suite} version {header.Version}.",
                "Name another file, or delete this one.");
        _file.SetLength(end);
        _file.Position = end;
        return log;
    }

    // Only a torn header of our own may be overwritten.
    private void RefuseForeignFile(string path)
    {
        byte[] expected = Encoding.UTF8.GetBytes($"{{\"format\":\"{ResultHeader.Current}\""), actual = new byte[expected.Length];
        _file.Position = 0;
        int read = _file.ReadAtLeast(actual, actual.Length, throwOnEndOfStream: false);
        if (!actual.AsSpan(0, read).SequenceEqual(expected.AsSpan(0, read)))
            throw new RomaException($"{path} exists and is no result log.", "Name another file.");
        _file.Position = 0;
    }

    private void Write<T>(T line)
    {
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(line, ResultJson.Line));
        _file.WriteByte((byte)'\n');
    }
}
