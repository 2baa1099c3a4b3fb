namespace Roma.Core;

/// <summary>What <see cref="ImageCodec"/> accepts; both are checked before a pixel is decoded.</summary>
/// <param name="MaxBytes">Size of the file in bytes.</param>
/// <param name="MaxPixels">Width times height that the header declares.</param>
public sealed record ImageLimits(long MaxBytes = 256L << 20, long MaxPixels = 100_000_000)
{
    /// <summary>256 MB and 100 megapixels.</summary>
    public static ImageLimits Default { get; } = new();
}
