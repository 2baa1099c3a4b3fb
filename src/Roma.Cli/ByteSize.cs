using System.Globalization;
using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Cli;

/// <summary>Amounts of memory as people write them, in powers of ten.</summary>
internal static partial class ByteSize
{
    private static readonly (string Unit, double Bytes)[] Units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];

    /// <summary>Reads, for example, 4GB, 1.5 GB or 500MB; null stays null.</summary>
    /// <exception cref="RomaException">It is no amount, or less than a byte.</exception>
    public static long? Parse(string? text)
    {
        if (text is null)
            return null;
        Match match = Amount().Match(text);
        double bytes = match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            * Units.FirstOrDefault(unit => unit.Unit.Equals(match.Groups[2].Value, StringComparison.OrdinalIgnoreCase), ("", 1)).Bytes : 0;
        return bytes is >= 1 and < 1e18 ? (long)bytes : throw new RomaException($"'{text}' is no amount of bytes.", "Write, for example, 4GB or 500MB.");
    }

    /// <summary>Writes an amount with one decimal.</summary>
    public static string Format(double bytes)
    {
        (string unit, double size) = bytes >= 1e9 ? Units[0] : bytes >= 1e6 ? Units[1] : Units[2];
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:F1} {unit}");
    }

    [GeneratedRegex(@"^\s*(\d+(?:\.\d+)?)\s*(gb|mb|kb|b)?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Amount();
}
