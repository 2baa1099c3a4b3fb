using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Fills whole fields with draws.</summary>
internal static class Draws
{
    private const float Step = 1f / (1 << 24);

    /// <summary>Uniform in [0, 1) with 24 random bits.</summary>
    public static void Uniform(CounterRandom random, Span<float> field)
    {
        foreach (ref float value in field)
            value = random.NextSingle();
    }

    /// <summary>Standard normal (Box-Muller in single precision, eight pairs at a time: a tenth of the time of one by one; |z| up to 5.8).</summary>
    public static void Normal(CounterRandom random, Span<float> field)
    {
        Span<float> block = stackalloc float[16];
        for (; field.Length > 0; field = field[Math.Min(16, field.Length)..])
        {
            Uniform(random, block);
            ref float first = ref MemoryMarshal.GetReference(block);
            Vector256<float> u = Vector256.LoadUnsafe(ref first) + Vector256.Create(Step), angle = Vector256.LoadUnsafe(ref first, 8) * (2 * MathF.PI);
            Vector256<float> radius = Vector256.Sqrt(Vector256.Log(u) * -2f);
            (Vector256<float> sin, Vector256<float> cos) = Vector256.SinCos(angle);
            (radius * cos).StoreUnsafe(ref first);
            (radius * sin).StoreUnsafe(ref first, 8);
            block[..Math.Min(16, field.Length)].CopyTo(field);
        }
    }
}
