namespace Roma.Core;

/// <summary>
/// An 8-bit sRGB picture. Treat its pixels as read-only once it is shared: corruptions and processors never write to their input. Disposing is optional: it hands
/// rented memory on to the next picture of the same size instead of to the garbage collector.
/// </summary>
public sealed class RgbImage : IDisposable
{
    private const int Channels = 3;
    private readonly bool _rented;
    private byte[]? _pixels;

    /// <summary>Wraps interleaved pixels without copying.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Row-major R, G, B bytes: exactly <c>width * height * 3</c> of them.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the number of bytes does not fit.</exception>
    public RgbImage(int width, int height, byte[] pixels) : this(width, height, pixels, rented: false) { }

    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public RgbImage(int width, int height) : this(width, height, new byte[(long)Channels * width * height]) { }

    private RgbImage(int width, int height, byte[] pixels, bool rented)
    {
        if (width < 1 || height < 1)
            throw new ArgumentException($"An image is at least 1x1 pixels, not {width}x{height}.");
        if (pixels.LongLength != (long)Channels * width * height)
            throw new ArgumentException($"{width}x{height} pixels need {(long)Channels * width * height} bytes, not {pixels.LongLength}.");
        (Width, Height, _pixels, _rented) = (width, height, pixels, rented);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Row-major interleaved R, G, B bytes.</summary>
    /// <exception cref="ObjectDisposedException">The picture was disposed.</exception>
    public byte[] Pixels => _pixels ?? throw new ObjectDisposedException(nameof(RgbImage));

    /// <summary>A picture of undefined content in pooled memory, to be written in full.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public static RgbImage Rent(int width, int height) => new(width, height, PixelPool.Rent(checked(Math.Max(width, 1) * Math.Max(height, 1) * Channels)), rented: true);

    /// <summary>A deep copy, in pooled memory.</summary>
    public RgbImage Clone()
    {
        RgbImage copy = Rent(Width, Height);
        Pixels.CopyTo(copy.Pixels, 0);
        return copy;
    }

    /// <summary>Returns rented memory; the pixels must not be used any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels && _rented)
            PixelPool.Return(pixels);
    }
}
