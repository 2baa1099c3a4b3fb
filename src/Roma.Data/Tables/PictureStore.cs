using Microsoft.Win32.SafeHandles;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Keeps encoded pictures in a temporary file, which goes with the process: a data set may be larger than memory. Reading is thread-safe.</summary>
internal sealed class PictureStore
{
    private readonly string _folder;
    private readonly SafeFileHandle _file;
    private long _end;

    /// <param name="folder">Where the file is; null for the system's folder of temporary files.</param>
    /// <exception cref="RomaException">No file can be made there.</exception>
    public PictureStore(string? folder = null)
    {
        _folder = folder ?? Path.GetTempPath();
        string path = Path.Combine(_folder, $"roma-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        SafeFileHandle? file = null;
        Guard(() =>
        {
            file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
            if (!OperatingSystem.IsWindows())
                File.Delete(path); // an open file lives on without its name, and dies with a killed process
        });
        _file = file!;
    }

    /// <summary>Adds a picture and gives its place; one thread at a time.</summary>
    /// <exception cref="RomaException">The disk is full.</exception>
    public (long Offset, int Length) Add(ReadOnlyMemory<byte> picture)
    {
        Guard(() => RandomAccess.Write(_file, picture.Span, _end));
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

    private void Guard(Action write)
    {
        try
        {
            AtomicFile.Guard($"A temporary file for the pictures in {_folder}", write);
        }
        catch (RomaException e)
        {
            throw new RomaException(e.Message, $"Set {(OperatingSystem.IsWindows() ? "TMP" : "TMPDIR")} to a folder that you may write to, on a disk with room for all pictures of the data.", e);
        }
    }
}
