using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>Looks for NaN and infinity by the exponent's bits, at the speed of memory.</summary>
public static class NonFinite
{
    private const long Chunk = 1 << 24;

    /// <summary>Whether a floating-point tensor holds one.</summary>
    /// <param name="values">Of any shape and device.</param>
    public static bool IsIn(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        if (values.device_type != DeviceType.CPU || !values.is_contiguous())
            return !values.isfinite().all().item<bool>();
        Tensor flat = values.detach().view(-1);
        for (long start = 0; start < flat.NumberOfElements; start += Chunk)
        {
            using Tensor part = flat.narrow(0, start, Math.Min(Chunk, flat.NumberOfElements - start));
            bool found = part.dtype switch
            {
                ScalarType.Float32 => Any(MemoryMarshal.Cast<byte, uint>(part.bytes), 0x7F80_0000u),
                ScalarType.BFloat16 => Any(MemoryMarshal.Cast<byte, ushort>(part.bytes), (ushort)0x7F80),
                ScalarType.Float16 => Any(MemoryMarshal.Cast<byte, ushort>(part.bytes), (ushort)0x7C00),
                _ => !part.isfinite().all().item<bool>(),
            };
            if (found)
                return true;
        }
        return false;
    }

    /// <summary>Whether some element has all the bits of the mask.</summary>
    private static bool Any<T>(ReadOnlySpan<T> bits, T mask) where T : unmanaged, IBinaryInteger<T>
    {
        var wide = new Vector<T>(mask);
        int i = 0;
        for (; i <= bits.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (Vector.EqualsAny(new Vector<T>(bits[i..]) & wide, wide))
                return true;
        }
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & mask) == mask)
                return true;
        }
        return false;
    }
}
