using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>Lays tensors out by falling element size, otherwise as they come, behind a header padded to 8 bytes: so every element is aligned for mapping.</summary>
internal static class SafetensorsWriter
{
    private const long Chunk = 1 << 28; // bytes copied from a device at once

    public static void Write(string path, IEnumerable<StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        StoredTensor[] items = [.. tensors];
        foreach (StoredTensor item in items)
        {
            if (SafetensorsTypes.NameOf(item.Type) is null)
                throw new RomaException($"Tensor {item.Name} is of type {item.Type}; safetensors stores {SafetensorsTypes.Allowed}.");
        }
        items = [.. items.OrderByDescending(item => SafetensorsTypes.SizeOf(item.Type))];
        string directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Directory.CreateDirectory(directory);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                file.Write(Header(items, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }));
                foreach (StoredTensor item in items)
                    WriteData(file, item);
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

    private static byte[] Header(StoredTensor[] items, IReadOnlyDictionary<string, string> metadata)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))) };
        long offset = 0;
        foreach (StoredTensor item in items)
        {
            header.Add(item.Name, new JsonObject
            {
                ["dtype"] = SafetensorsTypes.NameOf(item.Type),
                ["shape"] = new JsonArray([.. item.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, offset + item.Bytes),
            });
            offset += item.Bytes;
        }
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] all = new byte[8 + (json.Length + 7) / 8 * 8];
        all.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(all, all.Length - 8);
        json.CopyTo(all, 8);
        return all;
    }

    private static void WriteData(FileStream file, StoredTensor item)
    {
        using IDisposable noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor value = item.Read();
        if (value.dtype != item.Type || !value.shape.SequenceEqual(item.Shape))
            throw new InvalidOperationException($"{item.Name} is {value.dtype} [{string.Join(", ", value.shape)}], announced was {item.Type} [{string.Join(", ", item.Shape)}].");
        Tensor flat = value.detach().contiguous().view(-1);
        long step = Chunk / value.element_size();
        for (long start = 0; start < flat.NumberOfElements; start += step)
        {
            using Tensor part = flat.narrow(0, start, Math.Min(step, flat.NumberOfElements - start)), host = part.cpu();
            file.Write(host.bytes);
        }
    }
}
