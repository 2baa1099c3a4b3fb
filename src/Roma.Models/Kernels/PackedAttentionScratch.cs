using System.Runtime.InteropServices;
using Roma.Models.Layers;

namespace Roma.Models.Kernels;

/// <summary>Buffers of one thread of <see cref="PackedAttentionHeads"/>, 64-byte aligned and zeroed.</summary>
internal sealed unsafe class PackedAttentionScratch : IDisposable
{
    /// <summary>Queries handled at once.</summary>
    public const int Block = 32;

    /// <summary>Room for the keys of one sequence, a multiple of 32.</summary>
    public readonly int Capacity;

    /// <summary>Keys and values, row by row [Capacity, D] and transposed [D, Capacity].</summary>
    public readonly float* K, V, KT, VT;

    /// <summary>Gradients of keys and values [Capacity, D].</summary>
    public readonly float* DK, DV;

    /// <summary>Probabilities and score gradients of a block of queries [Block, Capacity].</summary>
    public readonly float* P, DS;

    private readonly void* _memory;

    /// <summary>Allocates.</summary>
    public PackedAttentionScratch(PackedLayout layout, int headDim, bool backward)
    {
        Capacity = (layout.LongestPrefix + layout.LongestResponse + 31) / 32 * 32;
        if (Capacity % 128 == 0)
            Capacity += 32; // rows a power of two apart would share the same few lines of the cache
        long matrix = (long)Capacity * headDim, block = (long)Block * Capacity, total = backward ? 6 * matrix + 2 * block : 3 * matrix + block;
        _memory = NativeMemory.AlignedAlloc((nuint)(total * sizeof(float)), 64);
        NativeMemory.Clear(_memory, (nuint)(total * sizeof(float)));
        float* next = (float*)_memory;
        K = next;
        V = K + matrix;
        KT = V + matrix;
        P = next + 3 * matrix;
        if (backward)
        {
            next = P + block;
            VT = next;
            DK = VT + matrix;
            DV = DK + matrix;
            DS = DV + matrix;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
