using System.Collections.Concurrent;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Frosted windows: procedural ones, made once, always the same, or the photographs of a folder.</summary>
internal static class FrostWindows
{
    private const int Count = 5, Width = 640, Height = 512;
    private static readonly Lazy<IReadOnlyList<RgbImage>> Made = new(() => [.. Enumerable.Range(0, Count).Select(Make)]);
    private static readonly ConcurrentDictionary<string, IReadOnlyList<RgbImage>> Folders = [];

    /// <summary>The procedural windows.</summary>
    public static IReadOnlyList<RgbImage> Procedural => Made.Value;

    /// <summary>The pictures of a folder in alphabetical order, read once.</summary>
    /// <exception cref="RomaException">It is missing or holds no picture.</exception>
    public static IReadOnlyList<RgbImage> FromFolder(string folder) => Folders.GetOrAdd(Path.GetFullPath(folder), path =>
    {
        if (!Directory.Exists(path))
            throw new RomaException($"The folder of frosted windows {path} does not exist.");
        RgbImage[] windows = [.. Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file).ToUpperInvariant() is ".PNG" or ".JPG" or ".JPEG" or ".WEBP" or ".BMP")
            .Order(StringComparer.Ordinal).Select(file => ImageCodec.Load(file))];
        return windows.Length > 0 ? windows : throw new RomaException($"The folder of frosted windows {path} holds no picture.", "Put PNG or JPEG files there.");
    });

    private static RgbImage Make(int index) => FrostWindow.Make(Width, Height, index);
}
