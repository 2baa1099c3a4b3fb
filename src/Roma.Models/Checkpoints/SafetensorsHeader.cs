using System.Buffers.Binary;
using System.Text.Json;
using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>Parses and checks the header: 8 bytes of length, JSON, then the data without gaps or overlaps. Nothing in it is believed before it is checked.</summary>
internal static class SafetensorsHeader
{
    private const long MaxBytes = 100_000_000; // the format's own limit
    private const int MaxRank = 16;
    private static readonly string[] PickleExtensions = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"];

    public static (Dictionary<string, TensorInfo> Tensors, Dictionary<string, string> Metadata) Read(string path)
    {
        if (PickleExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            throw Pickle(path);
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[9];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read >= 4 && start[8] != '{' && (start is [0x80, <= 5, ..] or [(byte)'P', (byte)'K', 3, 4, ..]))
            throw Pickle(path);
        if (read < 8)
            throw Fault(path, $"it has {file.Length} bytes, fewer than the 8 of a header's length");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length is 0 or > MaxBytes || length > (ulong)(file.Length - 8))
            throw Fault(path, $"its header would take {length} bytes; allowed are at most {MaxBytes}, and {file.Length - 8} follow");
        byte[] json = new byte[length];
        file.Position = 8;
        file.ReadExactly(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return Check(path, document.RootElement, 8 + (long)length, file.Length);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Fault(path, "its header is not valid: " + e.Message, e);
        }
    }

    private static (Dictionary<string, TensorInfo> Tensors, Dictionary<string, string> Metadata) Check(string path, JsonElement root, long dataStart, long fileLength)
    {
        var tensors = new Dictionary<string, TensorInfo>();
        var metadata = new Dictionary<string, string>();
        foreach (JsonProperty entry in root.EnumerateObject())
        {
            if (entry.NameEquals("__metadata__"))
            {
                foreach (JsonProperty item in entry.Value.EnumerateObject())
                    metadata[item.Name] = item.Value.GetString() ?? "";
                continue;
            }
            tensors[entry.Name] = Tensor(path, entry, dataStart);
        }
        long end = dataStart;
        foreach ((string name, TensorInfo info) in tensors.OrderBy(t => t.Value.Offset).ThenBy(t => t.Value.Bytes))
        {
            if (info.Offset != end)
                throw Fault(path, $"tensor {name} begins at byte {info.Offset - dataStart} of the data where {end - dataStart} is due");
            end += info.Bytes;
        }
        return end == fileLength ? (tensors, metadata) : throw Fault(path, $"its tensors end at byte {end}, the file at {fileLength}");
    }

    private static TensorInfo Tensor(string path, JsonProperty entry, long dataStart)
    {
        (string name, JsonElement value) = (entry.Name, entry.Value);
        string? typeName = Member("dtype").GetString();
        ScalarType type = SafetensorsTypes.Parse(typeName)
            ?? throw Fault(path, $"tensor {name} has element type {typeName}; allowed are {SafetensorsTypes.Allowed}");
        long[] shape = [.. Member("shape").EnumerateArray().Take(MaxRank + 1).Select(size => size.GetInt64())];
        long[] offsets = [.. Member("data_offsets").EnumerateArray().Take(3).Select(offset => offset.GetInt64())];
        if (shape.Length > MaxRank || shape.Any(size => size < 0))
            throw Fault(path, $"tensor {name} has a negative size or more than {MaxRank} of them");
        long bytes = SafetensorsTypes.SizeOf(type);
        foreach (long size in shape)
            bytes = checked(bytes * size);
        if (offsets is not [>= 0, _] || offsets[1] < offsets[0] || offsets[1] - offsets[0] != bytes)
            throw Fault(path, $"tensor {name} of shape [{string.Join(", ", shape)}] takes {bytes} bytes, its offsets are [{string.Join(", ", offsets)}]");
        return new TensorInfo(type, shape, checked(dataStart + offsets[0]), bytes);

        JsonElement Member(string key) => value.TryGetProperty(key, out JsonElement member) ? member : throw Fault(path, $"tensor {name} lacks {key}");
    }

    private static RomaException Fault(string path, string what, Exception? inner = null) =>
        new($"{path} is not a valid safetensors file: {what}.", "Download or write the file again.", inner);

    private static RomaException Pickle(string path) =>
        new($"{path} is a pickle or zip archive; reading it could run code that it carries. Only safetensors weights are read.", "Convert it to safetensors where you trust it.");
}
