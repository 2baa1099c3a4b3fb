using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Between bytes and real levels 0..255.</summary>
internal static class Levels
{
    /// <summary>Clamps, then rounds or truncates.</summary>
    public static byte ToByte(double level, Fidelity fidelity) => (byte)(Math.Clamp(level, 0, 255) + Offset(fidelity));

    /// <summary>What is added before fractions are cut off.</summary>
    public static float Offset(Fidelity fidelity) => fidelity == Fidelity.Rounded ? 0.5f : 0;

    /// <summary>The nearest of evenly spaced levels for each byte, black and white among them.</summary>
    /// <param name="nearest">Filled: 256 entries.</param>
    /// <param name="count">How many levels, at least 2.</param>
    public static void Spaced(Span<byte> nearest, int count)
    {
        for (int level = 0; level < nearest.Length; level++)
            nearest[level] = ToByte(255 * Math.Floor(level / 255.0 * (count - 1) + 0.5) / (count - 1), Fidelity.Rounded);
    }

    /// <summary>A new picture of these levels, clamped, then rounded or truncated.</summary>
    public static RgbImage ToImage(int width, int height, ReadOnlySpan<float> levels, Fidelity fidelity)
    {
        var image = RgbImage.Rent(width, height);
        ToBytes(levels, image.Pixels, fidelity);
        return image;
    }

    /// <summary>The levels as bytes, clamped, then rounded or truncated.</summary>
    public static void ToBytes(ReadOnlySpan<float> levels, Span<byte> bytes, Fidelity fidelity)
    {
        levels = levels[..bytes.Length];
        ref float from = ref MemoryMarshal.GetReference(levels);
        ref byte to = ref MemoryMarshal.GetReference(bytes);
        float offset = Offset(fidelity);
        nuint i = 0, length = (nuint)bytes.Length;
        for (; i + 32 <= length; i += 32)
        {
            Vector256<ushort> low = Vector256.Narrow(Convert(ref from, i, offset), Convert(ref from, i + 8, offset));
            Vector256<ushort> high = Vector256.Narrow(Convert(ref from, i + 16, offset), Convert(ref from, i + 24, offset));
            Vector256.Narrow(low, high).StoreUnsafe(ref to, i);
        }
        for (; i < length; i++)
            bytes[(int)i] = (byte)(Math.Clamp(levels[(int)i], 0, 255) + offset);
    }

    /// <summary>The levels of a picture.</summary>
    public static void FromImage(RgbImage image, Span<float> levels) => FromBytes(image.Pixels, levels);

    /// <summary>The levels of bytes.</summary>
    public static void FromBytes(ReadOnlySpan<byte> bytes, Span<float> levels)
    {
        levels = levels[..bytes.Length];
        ref byte from = ref MemoryMarshal.GetReference(bytes);
        ref float to = ref MemoryMarshal.GetReference(levels);
        nuint i = 0, length = (nuint)bytes.Length;
        for (; i + 16 <= length; i += 16)
        {
            (Vector256<float> low, Vector256<float> high) = Widen(Vector128.LoadUnsafe(ref from, i));
            low.StoreUnsafe(ref to, i);
            high.StoreUnsafe(ref to, i + 8);
        }
        for (; i < length; i++)
            levels[(int)i] = bytes[(int)i];
    }

    /// <summary>Sixteen bytes as floats.</summary>
    public static (Vector256<float> Low, Vector256<float> High) Widen(Vector128<byte> bytes)
    {
        Vector256<ushort> words = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        return (Vector256.ConvertToSingle(Vector256.WidenLower(words).AsInt32()), Vector256.ConvertToSingle(Vector256.WidenUpper(words).AsInt32()));
    }

    /// <summary>Thirty-two clamped floats as bytes, fractions cut off.</summary>
    public static Vector256<byte> Narrow(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        Vector256.Narrow(Vector256.Narrow(Whole(a), Whole(b)), Vector256.Narrow(Whole(c), Whole(d)));

    /// <summary>Maps all levels through one table of 256.</summary>
    public static RgbImage Map(RgbImage image, ReadOnlySpan<byte> table) => Map(image, table, table, table);

    /// <summary>Maps each channel's levels through its own table of 256.</summary>
    public static RgbImage Map(RgbImage image, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels.AsSpan(0, from.Length);
        red = red[..256];
        green = green[..256];
        blue = blue[..256];
        for (int i = 0; i + 2 < from.Length; i += 3)
            (to[i], to[i + 1], to[i + 2]) = (red[from[i]], green[from[i + 1]], blue[from[i + 2]]);
        return result;
    }

    /// <summary>Maps all levels, as 0..1, through one function and rounds.</summary>
    public static RgbImage Map(RgbImage image, Func<double, double> function)
    {
        Span<byte> table = stackalloc byte[256];
        for (int level = 0; level < 256; level++)
            table[level] = ToByte(255 * function(level / 255.0), Fidelity.Rounded);
        return Map(image, table, table, table);
    }

    private static Vector256<uint> Whole(Vector256<float> level) => Vector256.ConvertToInt32Native(level).AsUInt32();

    private static Vector256<uint> Convert(ref float from, nuint at, float offset) =>
        Whole(Vector256.Min(Vector256.Max(Vector256.LoadUnsafe(ref from, at), Vector256<float>.Zero), Vector256.Create(255f)) + Vector256.Create(offset));
}
