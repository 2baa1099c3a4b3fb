using System.Text;

namespace Roma.Core;

/// <summary>
/// A file of JSON lines that only grows. Every line reaches the system at once, so a killed process loses at most the line it was writing; that torn line is cut off
/// when the log is opened again. One writer at a time; <see cref="Append"/> may be called from any thread.
/// </summary>
public sealed class AppendLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Opens or creates a log and cuts a torn end off.</summary>
    /// <param name="path">The file; its folder is made if need be.</param>
    /// <exception cref="RomaException">The file cannot be written, or another process is writing it.</exception>
    public AppendLog(string path)
    {
        _path = path;
        FileStream? file = null;
        AtomicFile.Guard(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            file.SetLength(SoundLength(file, path));
            file.Seek(0, SeekOrigin.End);
        });
        _file = file!;
    }

    /// <summary>Appends one line.</summary>
    /// <param name="json">JSON without line breaks.</param>
    /// <exception cref="ArgumentException">It holds a line break.</exception>
    /// <exception cref="RomaException">The disk is full.</exception>
    public void Append(string json)
    {
        if (json.Contains('\n', StringComparison.Ordinal))
            throw new ArgumentException("A line of a log holds no line break.", nameof(json));
        byte[] line = Encoding.UTF8.GetBytes(json + "\n");
        lock (_gate)
        {
            AtomicFile.Guard(_path, () =>
            {
                _file.Write(line);
                _file.Flush();
            });
        }
    }

    /// <summary>The whole lines of a log, none for a file that does not exist; a torn end is left out.</summary>
    /// <param name="path">The file; it may be growing.</param>
    public static IEnumerable<string> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        long left = SoundLength(file, path);
        file.Position = 0;
        using var reader = new StreamReader(file, Encoding.UTF8);
        while (left > 0 && reader.ReadLine() is { } line)
        {
            left -= Encoding.UTF8.GetByteCount(line) + 1;
            yield return line;
        }
    }

    /// <summary>Flushes to disk and closes.</summary>
    public void Dispose()
    {
        if (_file.CanWrite)
            AtomicFile.Guard(_path, () => _file.Flush(flushToDisk: true));
        _file.Dispose();
    }

    /// <summary>Up to where the file is whole lines: everything but bytes after the last line break. Refuses files of another kind rather than cut them.</summary>
    private static long SoundLength(FileStream file, string path)
    {
        file.Position = 0;
        if (file.Length > 0 && file.ReadByte() is not ('{' or '[' or 0))
            throw new RomaException($"{path} is no log of JSON lines.", "Move it away, or choose another folder.");
        Span<byte> block = stackalloc byte[1 << 12];
        for (long end = file.Length; end > 0;)
        {
            long start = Math.Max(0, end - block.Length);
            file.Position = start;
            Span<byte> part = block[..(int)(end - start)];
            file.ReadExactly(part);
            int last = part.LastIndexOf((byte)'\n');
            if (last >= 0)
                return start + last + 1;
            end = start;
        }
        return 0;
    }
}
