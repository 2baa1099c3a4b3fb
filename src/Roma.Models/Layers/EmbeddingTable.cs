using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>A table of vectors.</summary>
public sealed class EmbeddingTable : nn.Module
{
    /// <summary>[rows, width].</summary>
    public readonly Parameter weight;

    /// <summary>Makes the table, uninitialised.</summary>
    /// <param name="rows">Number of vectors.</param>
    /// <param name="width">Length of a vector.</param>
    public EmbeddingTable(long rows, long width) : base(nameof(EmbeddingTable))
    {
        weight = WeightMemory.Empty(rows, width);
        RegisterComponents();
    }
}
