using OpenCvSharp;
using Roma.Core.Formats;

namespace Roma.Core;

/// <summary>Reads picture files (PNG, JPEG, WebP, GIF, BMP, TIFF) and writes PNG, JPEG and WebP. Thread-safe.</summary>
public static class ImageCodec
{
    private const string Remedy = "Mend, replace or convert the file, for example to PNG.";
    private static readonly string Unknown = $"it is none of {string.Join(", ", ImageFormat.All.Select(known => known.Name))}";
    private const long MostPixels = int.MaxValue / 8; // what arrays can hold

    /// <summary>The endings of the names of files that can be read, each with its dot.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. ImageFormat.All.SelectMany(format => format.Extensions)];

    /// <summary>Reads a file; see <see cref="Decode"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="RomaException">The file is missing, unreadable, too large, damaged, of an unknown format or of another one than its name says.</exception>
    public static RgbImage Load(string path, ImageLimits? limits = null)
    {
        try
        {
            if (!File.Exists(path))
                throw new RomaException($"The picture {path} does not exist.");
            if (new FileInfo(path).Length is long length && length > (limits ?? ImageLimits.Default).MaxBytes)
                throw TooLarge(path, length, limits);
            byte[] bytes = File.ReadAllBytes(path);
            ImageFormat? named = ImageFormat.All.FirstOrDefault(known => known.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase));
            if (FormatOf(bytes) is { } held && named is not null && named != held)
                throw new RomaException($"The picture {path} is mislabelled: it holds a {held.Name}, not a {named.Name}.", $"Rename it to {Path.ChangeExtension(Path.GetFileName(path), held.Extensions[0])}.");
            return Decode(bytes, path, limits);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RomaException($"The picture {path} cannot be read: {e.Message}", inner: e);
        }
    }

    /// <summary>
    /// Decodes a file's bytes to 8-bit RGB: transparency is laid on white, 16 bits are rounded to 8, gray, palettes and CMYK become RGB, a picture is turned as its
    /// EXIF orientation says, an animation gives its first frame. Levels are taken as sRGB: colour profiles are not heeded, as is usual for vision models.
    /// </summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Names it in messages.</param>
    /// <param name="limits">Null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="RomaException">The bytes are too many, damaged, truncated or of an unknown format, or declare too many pixels.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits = null) =>
        Read(bytes, name, limits, static (format, header, file) => Orientation.Upright(format.Decode(file), header.Orientation));

    /// <summary>Reads the size that a picture has once it is decoded, from its header.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What is allowed; null: the default limits.</param>
    /// <exception cref="RomaException">The format is not known, the header is damaged, or the picture is larger than allowed.</exception>
    public static (int Width, int Height) SizeOf(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits = null) =>
        Read(bytes, name, limits, static (_, header, _) => header.Orientation < 5 ? ((int)header.Width, (int)header.Height) : ((int)header.Height, (int)header.Width));

    private static T Read<T>(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits, Reader<T> read)
    {
        limits ??= ImageLimits.Default;
        if (bytes.Length > limits.MaxBytes)
            throw TooLarge(name, bytes.Length, limits);
        try
        {
            ImageFormat format = FormatOf(bytes) ?? throw new InvalidDataException(bytes.IsEmpty ? "it is empty" : Unknown);
            ImageHeader header = format.ReadHeader(bytes);
            long most = Math.Min(limits.MaxPixels, MostPixels);
            if (header.Width < 1 || header.Height < 1 || header.Width > most / header.Height)
                throw new RomaException($"The picture {name} declares {header.Width}x{header.Height} pixels; allowed are 1x1 to {most:N0} pixels in all.", "Shrink it, or raise the limit.");
            return read(format, header, bytes);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or EndOfStreamException) // a slice or stream beyond the end of the file
        {
            throw new RomaException($"The picture {name} cannot be decoded: it ends early, the file is truncated or damaged.", Remedy, e);
        }
        catch (Exception e) when (e is InvalidDataException or IndexOutOfRangeException)
        {
            throw new RomaException($"The picture {name} cannot be decoded: {(e is InvalidDataException ? e.Message : "its data is damaged")}.", Remedy, e);
        }
    }

    /// <summary>Encodes losslessly.</summary>
    /// <param name="image">The picture.</param>
    public static byte[] EncodePng(RgbImage image) => Encode(image, ".png");

    /// <summary>Encodes as baseline JPEG with 4:2:0 chroma and the standard tables (libjpeg's scale).</summary>
    /// <param name="image">The picture, at most 65,500 pixels a side.</param>
    /// <param name="quality">1 to 100.</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality) => Encode(image, ".jpg", (int)ImwriteFlags.JpegQuality, Quality(quality));

    /// <summary>Encodes as lossy WebP.</summary>
    /// <param name="image">The picture, at most 16,383 pixels a side.</param>
    /// <param name="quality">1 to 100.</param>
    public static byte[] EncodeWebp(RgbImage image, int quality) => Encode(image, ".webp", (int)ImwriteFlags.WebPQuality, Quality(quality));

    /// <summary>Writes a PNG file atomically: a reader sees the old file or the whole new one.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="path">The file; its folder is made if need be.</param>
    /// <exception cref="RomaException">The file cannot be written.</exception>
    public static void SavePng(RgbImage image, string path) => AtomicFile.WriteBytes(path, EncodePng(image));

    private static byte[] Encode(RgbImage image, string extension, params int[] parameters)
    {
        OpenCvRuntime.Require();
        using Mat rgb = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels), bgr = new();
        Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
        try
        {
            if (Cv2.ImEncode(extension, bgr, out byte[] bytes, parameters))
                return bytes;
        }
        catch (OpenCVException e)
        {
            throw new RomaException($"A picture of {image.Width}x{image.Height} pixels cannot be encoded as {extension}: {e.Message}", inner: e);
        }
        throw new RomaException($"A picture of {image.Width}x{image.Height} pixels cannot be encoded as {extension}.");
    }

    private static ImageFormat? FormatOf(ReadOnlySpan<byte> bytes)
    {
        foreach (ImageFormat format in ImageFormat.All)
            if (format.Claims(bytes))
                return format;
        return null;
    }

    private static int Quality(int quality) =>
        quality is >= 1 and <= 100 ? quality : throw new ArgumentOutOfRangeException(nameof(quality), quality, "The quality is 1 to 100.");

    private delegate T Reader<T>(ImageFormat format, ImageHeader header, ReadOnlySpan<byte> file);

    private static RomaException TooLarge(string name, long length, ImageLimits? limits) =>
        new($"The picture {name} has {length:N0} bytes; allowed are {(limits ?? ImageLimits.Default).MaxBytes:N0}.", "Shrink it, or raise the limit.");
}
