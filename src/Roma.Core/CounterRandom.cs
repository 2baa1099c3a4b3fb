using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;

namespace Roma.Core;

/// <summary>
/// A counter-based generator (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A stream is a pure function of its key,
/// so the same (seed, sample, corruption, severity) gives the same draws in every run and on any number of threads. Not thread-safe: each task makes its own.
/// </summary>
public sealed class CounterRandom
{
    private const int EightBlocks = 32;
    private readonly uint _key0, _key1;
    private ulong _counter;
    private uint _b0, _b1, _b2, _b3;
    private int _left;
    private double _spareNormal = double.NaN;

    /// <summary>Starts the stream of a key.</summary>
    /// <param name="key">Any 64 bits; see <see cref="Key"/> for one made of names and numbers.</param>
    /// <param name="position">Where to start, in 32-bit draws: <see cref="Position"/> of a saved stream.</param>
    public CounterRandom(ulong key, ulong position = 0)
    {
        (_key0, _key1) = ((uint)key, (uint)(key >> 32));
        _counter = position / 4;
        for (ulong i = 0; i < position % 4; i++)
            NextUInt32();
    }

    /// <summary>The stream named by the parts: <c>new CounterRandom(CounterRandom.Key(parts))</c>.</summary>
    /// <param name="parts">Numbers and strings; their order counts.</param>
    public static CounterRandom Of(params ReadOnlySpan<object> parts) => new(Key(parts));

    /// <summary>A 64-bit key from any list of numbers and strings (SHA-256 of their invariant text, so it is the same on every platform).</summary>
    /// <param name="parts">Numbers and strings; their order counts.</param>
    public static ulong Key(params ReadOnlySpan<object> parts)
    {
        var text = new StringBuilder();
        foreach (object part in parts)
            text.Append(FormattableString.Invariant($"{part}")).Append('\u001f');
        return BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>How many 32-bit draws were taken: pass it to the constructor to go on from here (normals are drawn in pairs: save between pairs).</summary>
    public ulong Position => _counter * 4 - (ulong)_left;

    /// <summary>32 uniform bits.</summary>
    public uint NextUInt32()
    {
        if (_left == 0)
            Refill();
        return _left-- switch { 4 => _b0, 3 => _b1, 2 => _b2, _ => _b3 };
    }

    /// <summary>Many draws of 32 bits: the same ones that as many calls of <see cref="NextUInt32"/> give, in a tenth of the time.</summary>
    /// <param name="draws">What to fill.</param>
    public void Fill(Span<uint> draws)
    {
        int taken = 0;
        for (; taken < draws.Length && _left > 0; taken++)
            draws[taken] = NextUInt32();
        int whole = (draws.Length - taken) / 4 * 4;
        Fill(_key0, _key1, _counter, draws.Slice(taken, whole));
        _counter += (ulong)whole / 4;
        for (taken += whole; taken < draws.Length; taken++)
            draws[taken] = NextUInt32();
    }

    /// <summary>Part of a stream without the rest of it: what <see cref="Fill(Span{uint})"/> of a stream of this key gives at a position, without making one.</summary>
    /// <param name="key">The stream's key.</param>
    /// <param name="position">The first draw; a multiple of 4.</param>
    /// <param name="draws">What to fill.</param>
    public static void Fill(ulong key, ulong position, Span<uint> draws)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(position % 4, 0UL, nameof(position));
        Fill((uint)key, (uint)(key >> 32), position / 4, draws);
    }

    private static void Fill(uint key0, uint key1, ulong counter, Span<uint> draws)
    {
        for (; draws.Length >= EightBlocks; draws = draws[EightBlocks..], counter += 8)
            EightBlocksAt(counter, key0, key1, ref MemoryMarshal.GetReference(draws));
        if (draws.Length == 0)
            return;
        Span<uint> rest = stackalloc uint[EightBlocks];
        EightBlocksAt(counter, key0, key1, ref MemoryMarshal.GetReference(rest));
        rest[..draws.Length].CopyTo(draws);
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => NextUInt32() | (ulong)NextUInt32() << 32;

    /// <summary>Uniform in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, 1) with 24 random bits.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1.0f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    /// <param name="low">Lower bound, included.</param>
    /// <param name="high">Upper bound, excluded.</param>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A uniform integer in [low, high) (Lemire's multiplication with rejection: unbiased).</summary>
    /// <param name="low">Lower bound, included.</param>
    /// <param name="high">Upper bound, excluded; greater than <paramref name="low"/>.</param>
    public int Integer(int low, int high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, low);
        uint range = (uint)(high - (long)low), threshold = (uint)-(int)range % range;
        ulong product;
        do
            product = (ulong)NextUInt32() * range;
        while ((uint)product < threshold);
        return (int)(low + (long)(product >> 32));
    }

    /// <summary>A standard normal draw (Box-Muller; every second one comes from the pair before).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * NextDouble());
        _spareNormal = radius * sin;
        return radius * cos;
    }

    /// <summary>Permutes a span in place (Fisher-Yates).</summary>
    /// <param name="items">What to permute.</param>
    /// <typeparam name="T">The element type.</typeparam>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Integer(0, i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private void Refill()
    {
        uint c0 = (uint)_counter, c1 = (uint)(_counter >> 32), c2 = 0, c3 = 0, k0 = _key0, k1 = _key1;
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0, p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        (_b0, _b1, _b2, _b3) = (c0, c1, c2, c3);
        _counter++;
        _left = 4;
    }

    // Eight blocks side by side, in two groups of four whose latencies overlap: every lane holds 32 bits; what a product leaves above them is ignored by the next one
    // and cut off at the end.
    private static void EightBlocksAt(ulong at, uint key0, uint key1, ref uint draws)
    {
        Vector256<ulong> counter = Vector256.Create(at) + Vector256.Create(0UL, 1, 2, 3), next = counter + Vector256.Create(4UL);
        Vector256<ulong> a0 = counter, a1 = counter >> 32, a2 = default, a3 = default, b0 = next, b1 = next >> 32, b2 = default, b3 = default;
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> k0 = Vector256.Create((ulong)key0), k1 = Vector256.Create((ulong)key1);
            Vector256<ulong> p0 = Multiply(a0, 0xD2511F53), p1 = Multiply(a2, 0xCD9E8D57), q0 = Multiply(b0, 0xD2511F53), q1 = Multiply(b2, 0xCD9E8D57);
            (a0, a1, a2, a3) = ((p1 >> 32) ^ (a1 ^ k0), p1, (p0 >> 32) ^ (a3 ^ k1), p0);
            (b0, b1, b2, b3) = ((q1 >> 32) ^ (b1 ^ k0), q1, (q0 >> 32) ^ (b3 ^ k1), q0);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        Store(a0, a1, a2, a3, ref draws);
        Store(b0, b1, b2, b3, ref Unsafe.Add(ref draws, 16));
    }

    // Block by block instead of word by word.
    private static void Store(Vector256<ulong> c0, Vector256<ulong> c1, Vector256<ulong> c2, Vector256<ulong> c3, ref uint draws)
    {
        Vector256<ulong> low = Vector256.Create((ulong)uint.MaxValue), first = (c0 & low) | (c1 << 32), second = (c2 & low) | (c3 << 32);
        if (Avx2.IsSupported)
        {
            Vector256<ulong> even = Avx2.UnpackLow(first, second), odd = Avx2.UnpackHigh(first, second);
            Avx2.Permute2x128(even, odd, 0x20).AsUInt32().StoreUnsafe(ref draws);
            Avx2.Permute2x128(even, odd, 0x31).AsUInt32().StoreUnsafe(ref draws, 8);
            return;
        }
        for (int i = 0; i < 4; i++)
            Vector128.Create(first[i], second[i]).AsUInt32().StoreUnsafe(ref draws, (nuint)(4 * i));
    }

    private static Vector256<ulong> Multiply(Vector256<ulong> a, uint b) =>
        Avx2.IsSupported ? Avx2.Multiply(a.AsUInt32(), Vector256.Create((ulong)b).AsUInt32()) : (a & Vector256.Create((ulong)uint.MaxValue)) * b;
}
