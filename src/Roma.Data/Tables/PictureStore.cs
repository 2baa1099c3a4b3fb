using Microsoft.Win32.SafeHandles;

namespace Roma.Data.Tables;

/// <summary>Keeps encoded pictures in a temporary file, which goes with the process: a data set may be larger than memory. Reading is thread-safe.</summary>
internal sealed class PictureStore
{
    private readonly SafeFileHandle _file;
    private long _end;

    public PictureStore()
    {
        string path = Path.Combine(Path.GetTempPath(), $"roma-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
            File.Delete(path); // an open file lives on without its name, and dies with a killed process
    }

    /// <summary>Adds a picture and gives its place; one thread at a time.</summary>
    public (long Offset, int Length) Add(ReadOnlyMemory<byte> picture)
    {
        RandomAccess.Write(_file, picture.Span, _end);
        (long, int) place = (_end, picture.Length);
        _end += picture.Length;
        return place;
    }

    /// <summary>The picture at a place.</summary>
    public byte[] Get((long Offset, int Length) place)
    {
        byte[] bytes = new byte[place.Length];
        for (int read = 0; read < bytes.Length;)
            read += RandomAccess.Read(_file, bytes.AsSpan(read), place.Offset + read) is > 0 and var count ? count : throw new EndOfStreamException();
        return bytes;
    }
}
