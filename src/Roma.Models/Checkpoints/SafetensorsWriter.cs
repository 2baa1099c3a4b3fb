using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>Lays tensors out by falling element size, then name, behind a header padded to 8 bytes: so every element is aligned for mapping.</summary>
internal static class SafetensorsWriter
{
    private const long Chunk = 1 << 28; // bytes copied from a device at once

    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        (string Name, Tensor Value)[] items =
        [
            .. tensors.Select(t => (t.Key, t.Value)).OrderByDescending(t => t.Value.element_size()).ThenBy(t => t.Key, StringComparer.Ordinal),
        ];
        string directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                file.Write(Header(items, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
                foreach ((_, Tensor value) in items)
                    WriteData(file, value);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static byte[] Header((string Name, Tensor Value)[] items, IReadOnlyDictionary<string, string> metadata)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))) };
        long offset = 0;
        foreach ((string name, Tensor value) in items)
        {
            string type = SafetensorsTypes.NameOf(value.dtype)
                ?? throw new RomaException($"Tensor {name} is of type {value.dtype}; safetensors stores {SafetensorsTypes.Allowed}.");
            long bytes = value.NumberOfElements * value.element_size();
            header.Add(name, new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. value.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset + bytes),
            });
            offset += bytes;
        }
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] all = new byte[8 + (json.Length + 7) / 8 * 8];
        all.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(all, all.Length - 8);
        json.CopyTo(all, 8);
        return all;
    }

    private static void WriteData(FileStream file, Tensor value)
    {
        using IDisposable noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor flat = value.detach().contiguous().view(-1);
        long step = Chunk / value.element_size();
        for (long start = 0; start < flat.NumberOfElements; start += step)
        {
            using Tensor part = flat.narrow(0, start, Math.Min(step, flat.NumberOfElements - start)), host = part.cpu();
            file.Write(host.bytes);
        }
    }
}
