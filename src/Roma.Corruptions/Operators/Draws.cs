using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Fills whole fields with draws.</summary>
internal static class Draws
{
    private const int Block = 16;
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
        Uniform(random, field[..whole]);
        for (int i = 0; i < whole; i += Block)
            ToNormal(field.Slice(i, Block));
        if (whole == field.Length)
            return;
        Span<float> rest = stackalloc float[Block];
        Uniform(random, rest);
        ToNormal(rest);
        rest[..(field.Length - whole)].CopyTo(field[whole..]);
    }

    /// <summary>The share itself, or the least draw where that is larger: then at least one draw is not above it.</summary>
    public static double AtLeastOne(ReadOnlySpan<float> draws, double share)
    {
        float least = draws[0];
        foreach (float draw in draws)
            least = Math.Min(least, draw);
        return Math.Max(share, least);
    }

    private static void ToNormal(Span<float> block)
    {
        Vector256<float> length = Vector256.Create<float>(block) + Vector256.Create(Step), angle = Vector256.Create<float>(block[(Block / 2)..]) * (2 * MathF.PI);
        Vector256<float> radius = Vector256.Sqrt(Vector256.Log(length) * -2f);
        (Vector256<float> sin, Vector256<float> cos) = Vector256.SinCos(angle);
        (radius * cos).CopyTo(block);
        (radius * sin).CopyTo(block[(Block / 2)..]);
    }
}
