using System.Security.Cryptography;
using System.Text;
using Roma.Core;

namespace Roma.Data;

/// <summary>
/// Pictures in a folder, asked one question each; the answer is the name of the subfolder that holds the picture (a folder per class). For several questions or other answers
/// list the pictures in a JSON-lines table.
/// </summary>
/// <param name="Path">The folder; it is searched with its subfolders.</param>
/// <param name="Question">What is asked of every picture; <c>{classes}</c> stands for the names of all subfolders.</param>
/// <param name="First">How many samples are used, in the order of their paths; null for all.</param>
[Name("folder")]
public sealed record FolderDataset(string Path, string Question, long? First = null) : IDataset
{
    private readonly Lazy<(string File, string Id, string Answer)[]> _all = new(() => Find(Path));
    private string? _asked;

    /// <summary>How many samples are used; null for all.</summary>
    /// <exception cref="RomaException">Less than 1 was given.</exception>
    public long? First { get; } = First is not < 1 ? First : throw new RomaException($"first is at least 1, not {First}.");

    /// <inheritdoc/>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <inheritdoc/>
    public long? Count => Math.Min(_all.Value.Length, First ?? long.MaxValue);

    /// <inheritdoc/>
    /// <exception cref="RomaException">The folder holds no picture, or the picture cannot be decoded.</exception>
    public Sample Get(long index)
    {
        (string file, string id, string answer) = At(index);
        return new(id, [ImageCodec.Load(file)], Asked(), answer, answer);
    }

    /// <inheritdoc/>
    public SampleOutline Outline(long index)
    {
        (string file, string id, string answer) = At(index);
        byte[] picture = [];
        AtomicFile.Guard(file, () => picture = System.IO.File.ReadAllBytes(file));
        byte[] digest = SHA256.HashData([.. SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\u001f{answer}\u001f{Asked()}")), .. SHA256.HashData(picture)]);
        return new(id, Asked(), [ImageCodec.SizeOf(picture, file)], answer, digest);
    }

    private (string File, string Id, string Answer) At(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count!.Value);
        return _all.Value[index];
    }

    private string Asked() => _asked ??= Question.Replace("{classes}", string.Join(", ", _all.Value.Select(sample => sample.Answer).Distinct()), StringComparison.Ordinal);

    private static (string, string, string)[] Find(string path)
    {
        if (!Directory.Exists(path))
            throw new RomaException($"There is no folder {path}: {System.IO.Path.GetFullPath(path)} does not exist.", "Relative paths start at the working folder.");
        string root = System.IO.Path.GetFullPath(path);
        (string File, string Id, string Answer)[] files = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => ImageCodec.Extensions.Contains(System.IO.Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Select(file => (file, System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'), System.IO.Path.GetRelativePath(root, System.IO.Path.GetDirectoryName(file)!).Replace('\\', '/')))
            .OrderBy(sample => sample.Item2, StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new RomaException($"The folder {path} holds no picture ({string.Join(", ", ImageCodec.Extensions)}).");
        if (files.FirstOrDefault(sample => sample.Answer == ".") is { File: { } loose })
            throw new RomaException($"{loose} lies in no subfolder, so that its answer is not known.", "Put each picture into a folder named as its answer, or list the pictures in a JSON-lines table.");
        return files;
    }
}
