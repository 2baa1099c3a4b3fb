using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>
/// A kind of file that holds rows. A cell is null, text, a number, true or false, bytes (<see cref="ReadOnlyMemory{T}"/>), a list (<c>List&lt;object?&gt;</c>) or
/// a mapping (<c>Dictionary&lt;string, object?&gt;</c>). One is added by a file of its own and a place in <see cref="All"/>.
/// </summary>
internal abstract class TableFormat
{
    public static IReadOnlyList<TableFormat> All { get; } = [new ParquetFormat(), new JsonLinesFormat(), new TsvFormat()];

    /// <summary>The endings of its files' names.</summary>
    public abstract IReadOnlyList<string> Extensions { get; }

    /// <summary>The files that a path, or a pattern in its last part, stands for, in the order of their names.</summary>
    /// <exception cref="RomaException">There is none.</exception>
    public static string[] Files(string pattern) => Matches(pattern) is { Length: > 0 } files ? files : throw Missing(pattern);

    /// <summary>As <see cref="Files"/>, or none.</summary>
    public static string[] Matches(string pattern)
    {
        string name = Path.GetFileName(pattern), folder = Path.GetDirectoryName(pattern) is { Length: > 0 } given ? given : ".";
        if (!name.AsSpan().ContainsAny('*', '?'))
            return File.Exists(pattern) ? [pattern] : [];
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, name).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>The format of a file, by its name's ending.</summary>
    /// <exception cref="RomaException">There is no such file, or no format of that ending.</exception>
    public static TableFormat Of(string path)
    {
        TableFormat format = All.FirstOrDefault(known => known.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            ?? throw new RomaException($"{path} is no table that can be read; these can: {string.Join(", ", All.SelectMany(known => known.Extensions))}.");
        return File.Exists(path) ? format : throw Missing(path);
    }

    private static RomaException Missing(string path) => new($"There is no table {path}: {Path.GetFullPath(path)} does not exist.", "Relative paths start at the working folder.");

    /// <summary>The names of the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="first">Only so many rows count, where each names its own.</param>
    public abstract IReadOnlyList<string> Columns(string path, long first = long.MaxValue);

    /// <summary>The rows in order, each with the cells of the wanted columns in their order.</summary>
    public abstract IEnumerable<object?[]> Rows(string path, IReadOnlyList<string> columns);

    /// <summary>Copies a table with other pictures in it; everything else stays as it is.</summary>
    public virtual void Rewrite(string path, Stream output, TableRewrite rewrite) =>
        throw new RomaException($"{path} holds paths, not pictures: only {string.Join(" and ", All.Where(format => format.CanRewrite).SelectMany(format => format.Extensions))} can be copied.",
            "Corrupt the pictures themselves.");

    /// <summary>Whether its files hold the pictures themselves.</summary>
    public virtual bool CanRewrite => false;
}
