using System.Collections.Concurrent;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Frosted windows: procedural ones, made once, always the same, or the photographs of a folder.</summary>
internal static class FrostWindows
{
    private const int Width = 640, Height = 512;

    // Thin blue ice, thick white ice (twice as likely), grayish crystals, dark patches.
    private static readonly FrostWindow[] Kinds = [new(78, 149, 166, 22, 14f), new(201, 205, 214, 21, 16f), new(201, 205, 214, 21, 16f), new(138, 153, 165, 21, 24), new(112, 123, 135, 38, 27f)];
    private static readonly Lazy<IReadOnlyList<RgbImage>> Made = new(() => [.. Kinds.Select((kind, i) => kind.Paint(Width, Height, CounterRandom.Of("frost", i)))]);
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
}
