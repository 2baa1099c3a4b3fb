using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>The rows of a two-dimensional fp32 CPU tensor as an address and a stride.</summary>
internal readonly unsafe struct RowsPointer(Tensor rows)
{
    private readonly float* _data = TensorMemory.Floats(rows);
    /// <summary>Elements from one row to the next.</summary>
    public readonly long Stride = rows.stride(0);

    /// <summary>Number of columns.</summary>
    public readonly int Width = (int)rows.shape[1];

    /// <summary>The address of a row.</summary>
    public float* this[long row] => _data + row * Stride;
}
