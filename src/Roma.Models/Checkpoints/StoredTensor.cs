using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>A tensor that is to be written: its header entry now, its values when their turn comes.</summary>
/// <param name="Name">Its key in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Read">Gives the values, of any device; called once, in the order of the file.</param>
internal sealed record StoredTensor(string Name, ScalarType Type, long[] Shape, Func<Tensor> Read)
{
    /// <summary>How many bytes it takes.</summary>
    public long Bytes => Count * SafetensorsTypes.SizeOf(Type);

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>One that exists already.</summary>
    public static StoredTensor Of(KeyValuePair<string, Tensor> tensor) => new(tensor.Key, tensor.Value.dtype, tensor.Value.shape, () => tensor.Value);
}
