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
        random.Fill(MemoryMarshal.Cast<float, uint>(field));
        ToUniform(field);
    }

    /// <summary>Uniform in [0, 1) with 24 random bits: part of the stream of a key, from a multiple of <see cref="Block"/> on.</summary>
    public static void Uniform(ulong key, int start, Span<float> field)
    {
        CounterRandom.Fill(key, (ulong)start, MemoryMarshal.Cast<float, uint>(field));
        ToUniform(field);
    }

    /// <summary>Standard normal (Box-Muller in single precision, eight pairs at a time; |z| up to 5.8): takes whole blocks of draws.</summary>
    public static void Normal(CounterRandom random, Span<float> field)
    {
        Span<float> rest = stackalloc float[Block], whole = field[..(field.Length / Block * Block)];
        random.Fill(MemoryMarshal.Cast<float, uint>(whole));
        ToNormals(whole);
        if (whole.Length == field.Length)
            return;
        random.Fill(MemoryMarshal.Cast<float, uint>(rest));
        ToNormals(rest);
        rest[..(field.Length - whole.Length)].CopyTo(field[whole.Length..]);
    }

    /// <summary>Standard normal: part of the stream of a key, from a multiple of <see cref="Block"/> on.</summary>
    public static void Normal(ulong key, int start, Span<float> field)
    {
        Span<float> rest = stackalloc float[Block], whole = field[..(field.Length / Block * Block)];
        CounterRandom.Fill(key, (ulong)start, MemoryMarshal.Cast<float, uint>(whole));
        ToNormals(whole);
        if (whole.Length == field.Length)
            return;
        CounterRandom.Fill(key, (ulong)(start + whole.Length), MemoryMarshal.Cast<float, uint>(rest));
        ToNormals(rest);
        rest[..(field.Length - whole.Length)].CopyTo(field[whole.Length..]);
    }

    /// <summary>
    /// Uniform integers from <paramref name="low"/> on, two from each draw's halves (no value's share is off by more than count / 65536): part of the stream of a key, from a
    /// multiple of <see cref="Block"/> on.
    /// </summary>
    public static void Integers(ulong key, int start, Span<float> field, int low, int count)
    {
        Span<uint> bits = stackalloc uint[256];
        Vector256<int> factor = Vector256.Create(count), least = Vector256.Create(low);
        for (int position = start / 2; field.Length > 0; position += bits.Length)
        {
            Span<float> part = field[..Math.Min(field.Length, 2 * bits.Length)];
            CounterRandom.Fill(key, (ulong)position, bits[..((part.Length + 1) / 2)]);
            ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<uint, ushort>(bits);
            int i = 0;
            for (; i + Block <= part.Length; i += Block)
            {
                var words = Vector256.Create<ushort>(halves[i..]);
                Vector256.ConvertToSingle(((Vector256.WidenLower(words).AsInt32() * factor) >>> 16) + least).CopyTo(part[i..]);
                Vector256.ConvertToSingle(((Vector256.WidenUpper(words).AsInt32() * factor) >>> 16) + least).CopyTo(part[(i + Block / 2)..]);
            }
            for (; i < part.Length; i++)
                part[i] = low + (halves[i] * count >> 16);
            field = field[part.Length..];
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

    private static void ToUniform(Span<float> field)
    {
        int i = 0;
        for (; i + Vector256<float>.Count <= field.Length; i += Vector256<float>.Count)
            ToUnit(Vector256.Create<float>(field[i..]).AsUInt32()).CopyTo(field[i..]);
        for (; i < field.Length; i++)
            field[i] = (BitConverter.SingleToUInt32Bits(field[i]) >> 8) * Step;
    }

    // From each sixteen draws of 32 bits sixteen normals: u = (bits / 256 + 1) / 2^24 in (0, 1] and an angle give a pair.
    private static void ToNormals(Span<float> blocks)
    {
        for (int i = 0; i < blocks.Length; i += Block)
        {
            ref float block = ref blocks[i];
            Vector256<float> first = ToUnit(Vector256.LoadUnsafe(ref block).AsUInt32()) + Vector256.Create(Step), second = ToUnit(Vector256.LoadUnsafe(ref block, Block / 2).AsUInt32());
            Vector256<float> radius = Vector256.Sqrt(VectorMath.Log(first) * -2f);
            (Vector256<float> sin, Vector256<float> cos) = VectorMath.SinCosTurns(second);
            (radius * cos).StoreUnsafe(ref block);
            (radius * sin).StoreUnsafe(ref block, Block / 2);
        }
    }

    private static Vector256<float> ToUnit(Vector256<uint> bits) => Vector256.ConvertToSingle((bits >> 8).AsInt32()) * Step;
}
