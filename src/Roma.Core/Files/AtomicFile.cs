using System.Text;

namespace Roma.Core;

/// <summary>Writes files so that a reader, a crash or a full disk never meets half of one: a temporary name in the same folder, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    private const int NoSpaceUnix = 28, NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>Writes a file through a stream; the folder is made if need be.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="write">Writes the content; if it throws, the old file stays as it was.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}-{Path.GetRandomFileName()}.tmp";
        Guard(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            try
            {
                using (FileStream stream = File.Create(temporary, 1 << 16))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        });
    }

    /// <summary>Writes UTF-8 text without a byte-order mark.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public static void WriteText(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public static void WriteBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Runs a piece of writing and turns what the system refuses into a fault with a remedy.</summary>
    /// <param name="path">What is written, as the message names it.</param>
    /// <param name="action">The writing.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (IOException e) when (e.HResult is NoSpaceUnix or NoSpaceWindows)
        {
            throw new RomaException($"{path} could not be written: the disk is full.", "Free some space or choose another disk, then run the command again: what was written before is whole.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RomaException($"{path} could not be written: {e.Message}", "Choose a folder that you may write to.", e);
        }
    }
}
