using Roma.Core;

namespace Roma.Cli;

/// <summary>Recipes and benchmarks lie beside the program too, so that their names work from any folder.</summary>
internal static class Shipped
{
    /// <summary>The file as the user names it, else the one beside the program.</summary>
    /// <exception cref="RomaException">There is neither.</exception>
    public static string Find(string file)
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, file);
        if (File.Exists(file) || !File.Exists(shipped) && Path.IsPathRooted(file))
            return file;
        if (File.Exists(shipped))
            return shipped;
        string? folder = Path.GetDirectoryName(shipped);
        string[] beside = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.yaml").Select(path => Path.GetRelativePath(AppContext.BaseDirectory, path)).Order(StringComparer.Ordinal)] : [];
        throw new RomaException($"There is no file {file}{(beside.Length == 0 ? "." : DidYouMean.Hint(file, beside))}");
    }
}
