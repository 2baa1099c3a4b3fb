using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>
/// A safetensors file: named tensors and nothing that could run. It is mapped, not read: tensors share its pages (privately: writing to one never reaches the file)
/// and stay valid after <see cref="Dispose"/>. Not thread-safe.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly Dictionary<ScalarType, Tensor> _maps = [];

    private SafetensorsFile(string path)
    {
        Path = path;
        (Tensors, Metadata) = SafetensorsHeader.Read(path);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Its tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Its free text notes, for example <c>format</c>: <c>pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its whole header: bounded length, known types, shapes that fit their bytes, no gap, no overlap.</summary>
    /// <param name="path">The file; pickle and zip archives are refused.</param>
    /// <exception cref="RomaException">It is missing or invalid.</exception>
    public static SafetensorsFile Open(string path) =>
        File.Exists(path) ? new SafetensorsFile(path) : throw new RomaException($"There is no file {path}.", "Check the path.");

    /// <summary>Returns one tensor in its stored type, on the CPU, without copying where its bytes are aligned.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <exception cref="RomaException">There is no such tensor.</exception>
    public Tensor Read(string name)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
            throw new RomaException($"{Path} holds no tensor {name}.");
        long[] shape = [.. info.Shape];
        int size = SafetensorsTypes.SizeOf(info.Type);
        if (info.Bytes == 0)
            return empty(shape, info.Type);
        if (info.Offset % size != 0)
            return Copy(name, info, shape);
        if (!_maps.TryGetValue(info.Type, out Tensor? map))
            _maps[info.Type] = map = from_file(Path, shared: false, size: new FileInfo(Path).Length / size, dtype: info.Type).DetachFromDisposeScope();
        using Tensor flat = map.narrow(0, info.Offset / size, info.Bytes / size);
        return flat.view(shape);
    }

    /// <summary>Writes tensors of any device to a file: under a temporary name first, so that a reader sees the old file or the whole new one.</summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="tensors">Names and tensors; names differ.</param>
    /// <param name="metadata">Free text notes; <c>format</c>: <c>pt</c> where null.</param>
    /// <exception cref="RomaException">An element type has no name in the format.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, tensors.Select(StoredTensor.Of), metadata);

    /// <summary>Lets go of the mappings; tensors already read stay valid.</summary>
    public void Dispose()
    {
        foreach (Tensor map in _maps.Values)
            map.Dispose();
        _maps.Clear();
    }

    /// <summary>Reads one tensor into memory that exists, converting its type where that differs; a piece at a time, so that it is never held twice.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="target">Of the same shape, contiguous; any type and device.</param>
    /// <exception cref="RomaException">There is no such tensor.</exception>
    public void CopyTo(string name, Tensor target)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
            throw new RomaException($"{Path} holds no tensor {name}.");
        using IDisposable noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor flat = target.view(-1);
        bool direct = target.dtype == info.Type && target.device_type == TorchSharp.DeviceType.CPU;
        long step = (direct ? 1 << 28 : 1 << 22) / SafetensorsTypes.SizeOf(info.Type);
        using FileStream file = File.OpenRead(Path);
        file.Position = info.Offset;
        for (long start = 0; start < info.Count; start += step)
        {
            using Tensor part = flat.narrow(0, start, Math.Min(step, info.Count - start));
            if (direct)
            {
                file.ReadExactly(part.bytes);
                continue;
            }
            using Tensor stored = empty(part.shape, info.Type);
            file.ReadExactly(stored.bytes);
            part.copy_(stored);
        }
    }

    private Tensor Copy(string name, TensorInfo info, long[] shape)
    {
        Tensor tensor = empty(shape, info.Type);
        CopyTo(name, tensor);
        return tensor;
    }
}
