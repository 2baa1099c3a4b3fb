using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>
/// A kind of picture file. Faults are told by <see cref="InvalidDataException"/> with the end of a sentence ("its palette is missing"); reading beyond the end of the
/// file throws <see cref="ArgumentOutOfRangeException"/>, which means that it is truncated.
/// </summary>
internal abstract class ImageFormat
{
    /// <summary>Every kind that can be read.</summary>
    public static IReadOnlyList<ImageFormat> All { get; } = [new PngFormat(), new JpegFormat(), new WebpFormat(), new GifFormat(), new BmpFormat(), new TiffFormat()];

    /// <summary>Its name in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The endings of its files' names, the usual one first.</summary>
    public abstract IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file begins as this kind does.</summary>
    public abstract bool Claims(ReadOnlySpan<byte> file);

    /// <summary>Walks the file's structure to its end without decoding pixels: decoders fill the missing part of a truncated file with gray and report success.</summary>
    public abstract ImageHeader ReadHeader(ReadOnlySpan<byte> file);

    /// <summary>Decodes the first picture as it is stored; its header was read and its size found acceptable.</summary>
    public virtual RgbImage Decode(ReadOnlySpan<byte> file) => OpenCvDecoder.Decode(file, ImreadModes.Unchanged); // which ignores orientations

    /// <summary>A level of 16 bits in 8: 65535 becomes 255; rounded.</summary>
    public static byte Eight(int level) => (byte)((level * 255 + 32767) / 65535);

    /// <summary>A level as it looks through its transparency on white paper.</summary>
    public static byte OnWhite(int level, int alpha) => (byte)((level * alpha + 255 * (255 - alpha) + 127) / 255);
}
