using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>The pictures that files, folders and patterns stand for.</summary>
internal static class PictureFiles
{
    /// <summary>Each picture with its name relative to the folder or pattern it was found by; in order.</summary>
    /// <param name="inputs">Files, folders (searched with their subfolders) and patterns with *, ? and **.</param>
    /// <param name="except">A folder whose files are left out: that of the results.</param>
    /// <exception cref="RomaException">An input finds nothing, or two pictures would be written under one name.</exception>
    public static (string Path, string Name)[] Find(IEnumerable<string> inputs, string except)
    {
        string excluded = Path.TrimEndingDirectorySeparator(Path.GetFullPath(except)) + Path.DirectorySeparatorChar;
        (string Path, string Name)[] pictures =
        [
            .. inputs.SelectMany(input => File.Exists(input) ? [(Path.GetFullPath(input), Path.GetFileName(input))]
                : Directory.Exists(input) ? Below(input, input, _ => true, excluded, SearchOption.AllDirectories) : Matching(input, excluded))
                .DistinctBy(picture => picture.Item1).OrderBy(picture => picture.Item2, StringComparer.Ordinal),
        ];
        string[] twins = [.. pictures.GroupBy(picture => Path.ChangeExtension(picture.Name, null)).Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group.Select(picture => picture.Path)))];
        if (twins.Length > 0)
            throw new RomaException($"Several pictures would be written under one name: {string.Join("; ", twins)}.", "Rename one of them, or write them into different folders.");
        return pictures;
    }

    private static (string, string)[] Matching(string pattern, string excluded)
    {
        string[] parts = pattern.Replace('\\', '/').Split('/');
        int plain = Array.FindIndex(parts, part => part.AsSpan().ContainsAny('*', '?'));
        if (plain < 0)
            throw new RomaException($"There is no picture or folder {pattern}.");
        string root = plain == 0 ? "." : plain == 1 && parts[0].Length == 0 ? "/" : string.Join('/', parts[..plain]);
        string expression = Regex.Escape(string.Join('/', parts[plain..])).Replace(@"\*\*/", "(?:.*/)?").Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        var regex = new Regex($"^{expression}$", RegexOptions.CultureInvariant);
        if (!Directory.Exists(root))
            throw new RomaException($"There is no folder {root} for {pattern}.");
        bool isFlat = plain == parts.Length - 1 && !pattern.Contains("**", StringComparison.Ordinal);
        return Below(root, pattern, regex.IsMatch, excluded, isFlat ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories);
    }

    private static (string, string)[] Below(string root, string input, Func<string, bool> wanted, string excluded, SearchOption depth)
    {
        string folder = Path.GetFullPath(root);
        (string, string)[] found = [.. Directory.EnumerateFiles(folder, "*", depth)
            .Where(file => !file.StartsWith(excluded, StringComparison.Ordinal) && ImageCodec.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Select(file => (file, Path.GetRelativePath(folder, file).Replace('\\', '/'))).Where(pair => wanted(pair.Item2))];
        return found.Length > 0 ? found : throw new RomaException($"{input} holds no picture ({string.Join(", ", ImageCodec.Extensions)}).");
    }
}
