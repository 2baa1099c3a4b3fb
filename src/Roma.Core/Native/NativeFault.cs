using System.Text.RegularExpressions;

namespace Roma.Core.Native;

/// <summary>Finds in the loader's message what the user has to know: which file, symbol or version is missing.</summary>
internal static partial class NativeFault
{
    public const string Remedy = "Run `dotnet restore` again, or set ROMA_LIBTORCH to a PyTorch installation; on Linux glibc 2.31 and libstdc++ 6 (GCC 9) or newer are needed.";

    /// <summary>One sentence for a message of the dynamic loader; its last line, where the loader speaks after .NET's advice, where it says something else.</summary>
    public static string Explain(string message)
    {
        if (Symbol().Match(message) is { Success: true } symbol)
            return $"{symbol.Groups[1].Value} needs the symbol {symbol.Groups[2].Value}, which no loaded library has: the libraries are of different versions.";
        if (VersionNeed().Match(message) is { Success: true } version)
            return $"{version.Groups[3].Value} needs {version.Groups[2].Value}, which {version.Groups[1].Value} of this system lacks.";
        // .NET tries several spellings of a name; those that do not exist under its own folder say nothing.
        if (MissingFile().Matches(message) is { Count: > 0 } missing)
            return $"{missing[0].Groups[1].Value} is missing.";
        return message.TrimEnd().Split('\n')[^1].Trim();
    }

    [GeneratedRegex(@"(\S+): undefined symbol: ([^\s,]+)")]
    private static partial Regex Symbol();

    [GeneratedRegex(@"(\S+): version `([^']+)' not found \(required by ([^)]+)\)")]
    private static partial Regex VersionNeed();

    [GeneratedRegex(@"(\S+): cannot open shared object file")]
    private static partial Regex MissingFile();
}
