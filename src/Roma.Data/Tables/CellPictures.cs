using System.Buffers.Text;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Finds the pictures in a cell.</summary>
internal static class CellPictures
{
    private const int LongestPath = 1024;

    /// <summary>
    /// The encoded pictures of a cell: bytes; a mapping with <c>bytes</c> or <c>path</c>; text that is a path (relative to the table's folder), base64 or a data URI; a list of
    /// such, or a list literal as text.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="folder">The table's folder.</param>
    /// <param name="where">Names the cell in messages.</param>
    /// <exception cref="RomaException">It is none of these.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(object? cell, string folder, string where) => cell switch
    {
        null => [],
        ReadOnlyMemory<byte> bytes => [bytes],
        List<object?> list => list.SelectMany(item => Of(item, folder, where)),
        Dictionary<string, object?> picture when !picture.ContainsKey("bytes") && !picture.ContainsKey("path") =>
            throw new RomaException($"{where} holds a mapping of {(picture.Count == 0 ? "nothing" : string.Join(", ", picture.Keys))}, not of bytes or path."),
        Dictionary<string, object?> picture => picture.GetValueOrDefault("bytes") is { } bytes ? Of(bytes, folder, where) : Of(picture.GetValueOrDefault("path"), folder, where),
        string text => Listed(text).Select(item => Text(item, folder, where)),
        _ => throw new RomaException($"{where} holds {cell}, not a picture."),
    };

    /// <summary>The items of a list literal such as <c>['a', 'b']</c>; any other text is its only item.</summary>
    public static List<string> Listed(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        if (trimmed is not ['[', .., ']'])
            return [text];
        var items = new List<string>();
        foreach (Range range in trimmed[1..^1].Split(','))
            if (trimmed[1..^1][range].Trim().Trim('\'').Trim('"') is { Length: > 0 } item)
                items.Add(item.ToString());
        return items;
    }

    /// <summary>Bytes in base64, with or without a data URI in front; null for any other text.</summary>
    public static byte[]? FromBase64(string text)
    {
        if (text.StartsWith("data:", StringComparison.Ordinal))
            text = text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..];
        return Base64.IsValid(text) ? Convert.FromBase64String(text) : null;
    }

    private static ReadOnlyMemory<byte> Text(string text, string folder, string where)
    {
        if (text.Length <= LongestPath && !text.Contains('\0', StringComparison.Ordinal) && Path.Combine(folder, text) is var path && File.Exists(path))
            return new FileInfo(path).Length <= ImageLimits.Default.MaxBytes ? File.ReadAllBytes(path)
                : throw new RomaException($"{where}: the picture {path} has more than {ImageLimits.Default.MaxBytes:N0} bytes.");
        return FromBase64(text) is { Length: > 0 } bytes ? bytes
            : throw new RomaException($"{where} holds neither a picture in base64 nor the path of one below {folder}: {text[..Math.Min(text.Length, 60)]}");
    }
}
