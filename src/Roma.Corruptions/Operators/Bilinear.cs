using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        int width = image.Width, row = width * Channels, lastX = width - 2, lastY = image.Height - 2;
        levels = levels[..RowLength(width)];
        dy = dy[..dx.Length];
        ref byte pixels = ref MemoryMarshal.GetArrayDataReference(image.Pixels);
        ref float target = ref MemoryMarshal.GetReference(levels);
        for (int x = 0; x < dx.Length; x++)
        {
            float wholeX = MathF.Floor(dx[x]), wholeY = MathF.Floor(dy[x]), fx = dx[x] - wholeX, fy = dy[x] - wholeY;
            int sx = x + (int)wholeX, sy = y + (int)wholeY;
            // A load takes four bytes, which must not pass the end of the picture.
            Vector128<float> value = (uint)sx <= (uint)lastX && (uint)sy <= (uint)lastY && lastX >= 0 && lastY >= 0 && (sy < lastY || sx < lastX)
                ? Inside(ref Unsafe.Add(ref pixels, sy * row + sx * Channels), row, fx, fy)
                : Outside(image, sx, sy, fx, fy, border);
            value.StoreUnsafe(ref Unsafe.Add(ref target, x * Channels));
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
    private static Vector128<float> Load(ref byte pixel) =>
        Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte())).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Mix(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float fx, float fy)
    {
        Vector128<float> x = Vector128.Create(fx), top = Vector128.FusedMultiplyAdd(b - a, x, a), bottom = Vector128.FusedMultiplyAdd(d - c, x, c);
        return Vector128.FusedMultiplyAdd(bottom - top, Vector128.Create(fy), top);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<float> Outside(RgbImage image, int x, int y, float fx, float fy, Border border) =>
        Mix(Pixel(image, x, y, border), Pixel(image, x + 1, y, border), Pixel(image, x, y + 1, border), Pixel(image, x + 1, y + 1, border), fx, fy);

    private static Vector128<float> Pixel(RgbImage image, int x, int y, Border border)
    {
        (x, y) = (border.Index(x, image.Width), border.Index(y, image.Height));
        if (x < 0 || y < 0)
            return Vector128.Create(border == Border.White ? 255f : 0);
        ReadOnlySpan<byte> pixel = image.Pixels.AsSpan((y * image.Width + x) * Channels, Channels);
        return Vector128.Create(pixel[0], pixel[1], pixel[2], 0f);
    }
}
