using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Fills whole fields with draws.</summary>
internal static class Draws
{
    /// <summary>Normals are made in blocks of so many draws.</summary>
    public const int Block = 16;

    private const float Step = 1f / (1 << 24);

    /// <summary>Uniform in [0, 1) with 24 random bits: what as many calls of <see cref="CounterRandom.NextSingle"/> give.</summary>
    public static void Uniform(CounterRandom random, Span<float> field)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(field);
        random.Fill(bits);
        int i = 0;
        for (; i + Vector256<uint>.Count <= bits.Length; i += Vector256<uint>.Count)
            (Vector256.ConvertToSingle((Vector256.Create<uint>(bits[i..]) >> 8).AsInt32()) * Step).CopyTo(field[i..]);
        for (; i < bits.Length; i++)
            field[i] = (bits[i] >> 8) * Step;
    }

    /// <summary>Standard normal (Box-Muller in single precision, eight pairs at a time; |z| up to 5.8).</summary>
    public static void Normal(CounterRandom random, Span<float> field)
    {
        int whole = field.Length / Block * Block;
        random.Fill(MemoryMarshal.Cast<float, uint>(field[..whole]));
        for (int i = 0; i < whole; i += Block)
            ToNormal(ref field[i]);
        if (whole == field.Length)
            return;
        Span<float> rest = stackalloc float[Block];
        random.Fill(MemoryMarshal.Cast<float, uint>(rest));
        ToNormal(ref rest[0]);
        rest[..(field.Length - whole)].CopyTo(field[whole..]);
    }

    /// <summary>Uniform integers from <paramref name="low"/> on, two from each draw's halves (16 bits: no value's share is off by more than count / 65536).</summary>
    public static void Integers(CounterRandom random, Span<float> field, int low, int count)
    {
        Span<uint> bits = stackalloc uint[256];
        for (; field.Length > 0; field = field[Math.Min(field.Length, 2 * bits.Length)..])
        {
            Span<uint> part = bits[..Math.Min(bits.Length, (field.Length + 1) / 2)];
            random.Fill(part);
            int pairs = Math.Min(part.Length, field.Length / 2), i = 0;
            for (; i < pairs; i++)
            {
                field[2 * i] = low + (int)((part[i] & 0xFFFF) * count >> 16);
                field[2 * i + 1] = low + (int)((part[i] >> 16) * count >> 16);
            }
            if (i < part.Length)
                field[2 * i] = low + (int)((part[i] & 0xFFFF) * count >> 16);
        }
    }

    /// <summary>The share itself, or the least draw where that is larger: then at least one draw is not above it.</summary>
    public static double AtLeastOne(ReadOnlySpan<float> draws, double share)
    {
        float least = draws[0];
        foreach (float draw in draws)
            least = Math.Min(least, draw);
        return Math.Max(share, least);
    }

    // From sixteen draws of 32 bits to sixteen normals: u = (bits / 256 + 1) / 2^24 in (0, 1] and an angle give a pair.
    private static void ToNormal(ref float block)
    {
        Vector256<float> first = ToUnit(Vector256.LoadUnsafe(ref block).AsUInt32()) + Vector256.Create(Step), second = ToUnit(Vector256.LoadUnsafe(ref block, Block / 2).AsUInt32());
        Vector256<float> radius = Vector256.Sqrt(VectorMath.Log(first) * -2f);
        (Vector256<float> sin, Vector256<float> cos) = VectorMath.SinCosTurns(second);
        (radius * cos).StoreUnsafe(ref block);
        (radius * sin).StoreUnsafe(ref block, Block / 2);
    }

    private static Vector256<float> ToUnit(Vector256<uint> bits) => Vector256.ConvertToSingle((bits >> 8).AsInt32()) * Step;
}
