using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Bilinear interpolation in single precision. Places are given relative to the pixel that is written, so that fractions keep their precision on any picture
/// (OpenCV's remap rounds them to 1/32 pixel).
/// </summary>
internal static class Bilinear
{
    private const int Channels = 3;

    /// <summary>Fills one row of displacements in pixels.</summary>
    /// <param name="y">The row.</param>
    /// <param name="dx">Column of the source minus own column, per column.</param>
    /// <param name="dy">Row of the source minus own row, per column.</param>
    public delegate void Displacement(int y, Span<float> dx, Span<float> dy);

    /// <summary>The warped picture: each pixel is read at its own place plus its displacement.</summary>
    /// <param name="image">The source.</param>
    /// <param name="displacement">Called for every row from the top.</param>
    /// <param name="border">What lies outside.</param>
    /// <param name="fidelity">How results become bytes.</param>
    public static RgbImage Warp(RgbImage image, Displacement displacement, Border border, Fidelity fidelity)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        int row = image.Width * Channels;
        using Scratch<float> dx = new(image.Width), dy = new(image.Width), levels = new(RowLength(image.Width));
        for (int y = 0; y < image.Height; y++)
        {
            displacement(y, dx.Span, dy.Span);
            Row(image, y, dx.Span, dy.Span, border, levels.Span);
            Levels.ToBytes(levels.Span, result.Pixels.AsSpan(y * row, row), fidelity);
        }
        return result;
    }

    /// <summary>The length of a row of levels: one value more than the row has.</summary>
    public static int RowLength(int width) => width * Channels + 1;

    /// <summary>Interpolates one row.</summary>
    /// <param name="image">The source.</param>
    /// <param name="y">The row that is written.</param>
    /// <param name="dx">Column of the source minus own column, per column.</param>
    /// <param name="dy">Row of the source minus own row, per column.</param>
    /// <param name="border">What lies outside.</param>
    /// <param name="levels">Receives 0..255, interleaved; <see cref="RowLength"/> values.</param>
    public static void Row(RgbImage image, int y, ReadOnlySpan<float> dx, ReadOnlySpan<float> dy, Border border, Span<float> levels)
    {
        int width = image.Width, row = width * Channels;
        levels = levels[..RowLength(width)];
        dy = dy[..dx.Length];
        ref byte pixels = ref MemoryMarshal.GetArrayDataReference(image.Pixels);
        ref float target = ref MemoryMarshal.GetReference(levels);
        // Of the last row of cells the last one is left out: a load takes four bytes, which must not pass the end of the picture.
        Vector256<int> lastX = Vector256.Create(width - 2), lastY = Vector256.Create(image.Height - 3), columns = Vector256<int>.Indices;
        Span<int> room = stackalloc int[24];
        ref int offsets = ref room[0];
        ref float fractions = ref Unsafe.As<int, float>(ref room[8]);
        int x = 0;
        for (; x + 8 <= dx.Length; x += 8)
        {
            Vector256<float> moveX = Vector256.Create<float>(dx[x..]), moveY = Vector256.Create<float>(dy[x..]), wholeX = Vector256.Floor(moveX), wholeY = Vector256.Floor(moveY);
            Vector256<int> sx = Vector256.ConvertToInt32Native(wholeX) + columns + Vector256.Create(x), sy = Vector256.ConvertToInt32Native(wholeY) + Vector256.Create(y);
            if (Vector256.GreaterThanAny(sx, lastX) || Vector256.GreaterThanAny(sy, lastY) || Vector256.LessThanAny(sx | sy, Vector256<int>.Zero))
            {
                Slowly(image, x, x + 8, y, dx, dy, border, levels);
                continue;
            }
            (sy * row + sx * Channels).StoreUnsafe(ref offsets);
            (moveX - wholeX).StoreUnsafe(ref fractions);
            (moveY - wholeY).StoreUnsafe(ref fractions, 8);
            for (int k = 0; k < 8; k++)
                Inside(ref Unsafe.Add(ref pixels, Unsafe.Add(ref offsets, k)), row, Unsafe.Add(ref fractions, k), Unsafe.Add(ref fractions, k + 8)).StoreUnsafe(ref Unsafe.Add(ref target, (x + k) * Channels));
        }
        Slowly(image, x, dx.Length, y, dx, dy, border, levels);
    }

    private static void Slowly(RgbImage image, int from, int to, int y, ReadOnlySpan<float> dx, ReadOnlySpan<float> dy, Border border, Span<float> levels)
    {
        for (int x = from; x < to; x++)
        {
            float wholeX = MathF.Floor(dx[x]), wholeY = MathF.Floor(dy[x]), fx = dx[x] - wholeX, fy = dy[x] - wholeY;
            (int sx, int sy) = (x + (int)wholeX, y + (int)wholeY);
            Vector128<float> value = Mix(Pixel(image, sx, sy, border), Pixel(image, sx + 1, sy, border), Pixel(image, sx, sy + 1, border), Pixel(image, sx + 1, sy + 1, border), fx, fy);
            value.CopyTo(levels[(x * Channels)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Inside(ref byte corner, int row, float fx, float fy)
    {
        Vector128<float> a = Load(ref corner), b = Load(ref Unsafe.Add(ref corner, Channels));
        Vector128<float> c = Load(ref Unsafe.Add(ref corner, row)), d = Load(ref Unsafe.Add(ref corner, row + Channels));
        return Mix(a, b, c, d, fx, fy);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Load(ref byte pixel)
    {
        Vector128<byte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
        return Vector128.ConvertToSingle(Sse41.IsSupported ? Sse41.ConvertToVector128Int32(bytes) : Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Mix(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float fx, float fy)
    {
        Vector128<float> x = Vector128.Create(fx), top = Vector128.FusedMultiplyAdd(b - a, x, a), bottom = Vector128.FusedMultiplyAdd(d - c, x, c);
        return Vector128.FusedMultiplyAdd(bottom - top, Vector128.Create(fy), top);
    }

    private static Vector128<float> Pixel(RgbImage image, int x, int y, Border border)
    {
        (x, y) = (border.Index(x, image.Width), border.Index(y, image.Height));
        if (x < 0 || y < 0)
            return Vector128.Create(border == Border.White ? 255f : 0);
        ReadOnlySpan<byte> pixel = image.Pixels.AsSpan((y * image.Width + x) * Channels, Channels);
        return Vector128.Create(pixel[0], pixel[1], pixel[2], 0f);
    }
}
