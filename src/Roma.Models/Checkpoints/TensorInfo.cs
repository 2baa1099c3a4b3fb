using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Type">The stored element type.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Offset">Where its bytes begin, counted from the start of the file.</param>
/// <param name="Bytes">How many bytes it takes.</param>
public sealed record TensorInfo(ScalarType Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
