using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Between bytes and real levels 0..255.</summary>
internal static class Levels
{
    /// <summary>Clamps, then rounds or truncates.</summary>
    public static byte ToByte(double level, Fidelity fidelity) => (byte)(Math.Clamp(level, 0, 255) + (fidelity == Fidelity.Rounded ? 0.5 : 0));

    /// <summary>A new picture of these levels, clamped, then rounded or truncated.</summary>
    public static RgbImage ToImage(int width, int height, ReadOnlySpan<float> levels, Fidelity fidelity)
    {
        var image = new RgbImage(width, height);
        ref float from = ref MemoryMarshal.GetReference(levels);
        ref byte to = ref image.Pixels[0];
        float offset = fidelity == Fidelity.Rounded ? 0.5f : 0;
        nuint i = 0, length = (nuint)image.Pixels.Length;
        for (; i + 32 <= length; i += 32)
        {
            Vector256<ushort> low = Vector256.Narrow(Convert(ref from, i, offset), Convert(ref from, i + 8, offset));
            Vector256<ushort> high = Vector256.Narrow(Convert(ref from, i + 16, offset), Convert(ref from, i + 24, offset));
            Vector256.Narrow(low, high).StoreUnsafe(ref to, i);
        }
        for (; i < length; i++)
            image.Pixels[i] = (byte)(Math.Clamp(levels[(int)i], 0, 255) + offset);
        return image;
    }

    /// <summary>The levels of a picture.</summary>
    public static void FromImage(RgbImage image, Span<float> levels)
    {
        byte[] pixels = image.Pixels;
        levels = levels[..pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            levels[i] = pixels[i];
    }

    /// <summary>Maps each channel's levels through its own table of 256.</summary>
    public static RgbImage Map(RgbImage image, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        var result = new RgbImage(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels;
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

    private static Vector256<uint> Convert(ref float from, nuint at, float offset) =>
        Vector256.ConvertToInt32(Vector256.Min(Vector256.Max(Vector256.LoadUnsafe(ref from, at), Vector256<float>.Zero), Vector256.Create(255f)) + Vector256.Create(offset)).AsUInt32();
}
