using System.Runtime.CompilerServices;

namespace Roma.Tests;

/// <summary>
/// Finds golden sets: <c>ROMA_GOLDEN</c> (relative to the repository), else <c>../shared/golden</c> beside the repository, else <c>tests/golden</c>. Tests enumerate what lies there and know no
/// case by name. A set that is absent skips its tests with a message; one that is present and empty fails.
/// </summary>
internal static class Golden
{
    private const string Absent = "absent: ";

    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string Root { get; } = Environment.GetEnvironmentVariable("ROMA_GOLDEN") is { Length: > 0 } named ? Path.GetFullPath(named, Repository)
        : Path.Combine(Repository, "..", "shared", "golden") is var shared && Directory.Exists(shared) ? shared
        : Path.Combine(Repository, "tests", "golden");

    /// <summary>The full path of a file or folder of a set; skips the test where the set (the path's first part) is absent.</summary>
    public static string PathOf(string relative)
    {
        Skip.If(relative.StartsWith(Absent, StringComparison.Ordinal), $"No golden set {relative[Math.Min(Absent.Length, relative.Length)..]} under {Root}.");
        string path = Path.Combine(Root, relative);
        Skip.If(!Path.Exists(Path.Combine(Root, relative.Split('/')[0])), $"No golden set {relative} under {Root}.");
        Assert.True(Path.Exists(path), $"The golden set lacks {path}.");
        return path;
    }

    /// <summary>Rows for a theory: the folders that match, as paths relative to the root, for example <c>Folders("models", "*/cases/*")</c>.</summary>
    public static TheoryData<string> Folders(string set, string pattern) => Rows(set, pattern, Directory.GetDirectories);

    /// <summary>Rows for a theory: the files that match, as paths relative to the root.</summary>
    public static TheoryData<string> Files(string set, string pattern) => Rows(set, pattern, Directory.GetFiles);

    private static TheoryData<string> Rows(string set, string pattern, Func<string, string, string[]> list)
    {
        if (!Directory.Exists(Path.Combine(Root, set)))
            return [Absent + set];
        IEnumerable<string> paths = [Path.Combine(Root, set)];
        string[] parts = pattern.Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            (string part, bool last) = (parts[i], i == parts.Length - 1);
            paths = paths.Where(Directory.Exists).SelectMany(path => last ? list(path, part) : Directory.GetDirectories(path, part)).ToList();
        }
        var rows = new TheoryData<string>();
        foreach (string path in paths.Order(StringComparer.Ordinal))
            rows.Add(Path.GetRelativePath(Root, path));
        return rows; // none: xunit fails the theory
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
