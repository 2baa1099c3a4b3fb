using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Roma.Corruptions.Operators;

/// <summary>The inverse cosine transform of blocks of 8x8, as two products of matrices.</summary>
internal static class InverseDct
{
    private const int Side = 8;

    // [frequency, place]
    private static readonly float[] Basis = [.. Enumerable.Range(0, Side * Side).Select(i =>
        (float)(Math.Cos((2 * (i % Side) + 1) * (i / Side) * Math.PI / (2 * Side)) * (i < Side ? Math.Sqrt(1.0 / Side) : Math.Sqrt(2.0 / Side))))];

    /// <summary>Writes levels around 128, clamped.</summary>
    /// <param name="coefficients">64 of them, by row.</param>
    /// <param name="target">From the block's first pixel on.</param>
    /// <param name="stride">From row to row.</param>
    public static void Apply(ReadOnlySpan<float> coefficients, Span<byte> target, int stride)
    {
        ref float basis = ref MemoryMarshal.GetArrayDataReference(Basis);
        Span<float> rows = stackalloc float[Side * Side];
        for (int u = 0; u < Side; u++)
        {
            Vector256<float> sum = default;
            for (int v = 0; v < Side; v++)
                sum += Vector256.Create(coefficients[u * Side + v]) * Vector256.LoadUnsafe(ref basis, (nuint)(v * Side));
            sum.CopyTo(rows[(u * Side)..]);
        }
        for (int y = 0; y < Side; y++)
        {
            var sum = Vector256.Create(128.5f);
            for (int u = 0; u < Side; u++)
                sum += Vector256.Create(Unsafe.Add(ref basis, u * Side + y)) * Vector256.Create<float>(rows[(u * Side)..]);
            var levels = Vector256.ConvertToInt32(Vector256.Min(Vector256.Max(sum, Vector256<float>.Zero), Vector256.Create(255f)));
            for (int x = 0; x < Side; x++)
                target[y * stride + x] = (byte)levels[x];
        }
    }
}
