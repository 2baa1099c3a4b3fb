namespace Roma.Core;

/// <summary>An 8-bit sRGB picture. Treat its pixels as read-only once it is shared: corruptions and processors never write to their input.</summary>
public sealed class RgbImage
{
    /// <summary>Wraps interleaved pixels without copying.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Row-major R, G, B bytes: exactly <c>width * height * 3</c> of them.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the number of bytes does not fit.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        if (width < 1 || height < 1)
            throw new ArgumentException($"An image is at least 1x1 pixels, not {width}x{height}.");
        if (pixels.LongLength != 3L * width * height)
            throw new ArgumentException($"{width}x{height} pixels need {3L * width * height} bytes, not {pixels.LongLength}.");
        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public RgbImage(int width, int height) : this(width, height, new byte[3L * width * height]) { }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Row-major interleaved R, G, B bytes.</summary>
    public byte[] Pixels { get; }

    /// <summary>A deep copy.</summary>
    public RgbImage Clone() => new(Width, Height, (byte[])Pixels.Clone());
}
