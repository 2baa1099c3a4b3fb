using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;

namespace Roma.Models.Checkpoints;

/// <summary>Reads the JSON files of model folders, which come from anywhere: size and depth are bounded.</summary>
internal static class JsonFile
{
    public const long MaxBytes = 64 << 20;

    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject ReadObject(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new RomaException($"There is no file {path}.", "Complete the model folder.");
        if (file.Length > MaxBytes)
            throw new RomaException($"{path} has {file.Length} bytes; at most {MaxBytes} are read.");
        return ParseObject(File.ReadAllBytes(path), path);
    }

    public static JsonObject ParseObject(ReadOnlySpan<byte> json, string where)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }) as JsonObject
                ?? throw new RomaException($"{where} does not hold a JSON object.");
        }
        catch (JsonException e)
        {
            throw new RomaException($"{where} is not valid JSON: {e.Message}", "Download or write the file again.", e);
        }
    }
}
