using OpenCvSharp;

namespace Roma.Core;

/// <summary>Reads and writes picture files (PNG, JPEG, WebP, GIF, BMP). Thread-safe.</summary>
public static class ImageCodec
{
    private const string Remedy = "Mend, replace or convert the file, for example to PNG.";

    /// <summary>Reads a file; see <see cref="Decode"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="RomaException">The file is missing, unreadable, too large, damaged or of an unknown format.</exception>
    public static RgbImage Load(string path, ImageLimits? limits = null)
    {
        try
        {
            if (!File.Exists(path))
                throw new RomaException($"The picture {path} does not exist.");
            if (new FileInfo(path).Length is long length && length > (limits ?? ImageLimits.Default).MaxBytes)
                throw TooLarge(path, length, limits);
            return Decode(File.ReadAllBytes(path), path, limits);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RomaException($"The picture {path} cannot be read: {e.Message}", inner: e);
        }
    }

    /// <summary>
    /// Decodes a file's bytes to 8-bit RGB: transparency is laid on white, 16 bits are rounded to 8, gray and palettes become RGB, a JPEG is turned as its EXIF
    /// orientation says, an animation gives its first frame.
    /// </summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">Names it in messages.</param>
    /// <param name="limits">Null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="RomaException">The bytes are too many, damaged, truncated or of an unknown format, or declare too many pixels.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        if (bytes.Length > limits.MaxBytes)
            throw TooLarge(name, bytes.Length, limits);
        ImageHeader header;
        try
        {
            header = ImageHeader.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new RomaException($"The picture {name} cannot be decoded: {e.Message}.", Remedy, e);
        }
        if (header.Width < 1 || header.Height < 1 || header.Width > limits.MaxPixels / header.Height)
            throw new RomaException($"The picture {name} declares {header.Width}x{header.Height} pixels; allowed are 1x1 to {limits.MaxPixels:N0} pixels in all.", "Shrink it, or raise the limit.");
        OpenCvRuntime.Require();
        try
        {
            // "Unchanged" keeps transparency and 16 bits but ignores the EXIF orientation.
            using Mat mat = Cv2.ImDecode(bytes, header.Format == "jpeg" ? ImreadModes.Color : ImreadModes.Unchanged);
            if (mat.Empty())
                throw new RomaException($"The picture {name} cannot be decoded: its {header.Format} data is damaged.", Remedy);
            return ToRgb(mat);
        }
        catch (OpenCVException e)
        {
            throw new RomaException($"The picture {name} cannot be decoded: {e.Message}", Remedy, e);
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
    public static void SavePng(RgbImage image, string path)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(temporary, EncodePng(image));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            throw new RomaException($"The picture {path} cannot be written: {e.Message}", inner: e);
        }
    }

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

    private static RgbImage ToRgb(Mat mat)
    {
        using var eight = new Mat();
        if (mat.Depth() == MatType.CV_16U)
            mat.ConvertTo(eight, MatType.CV_8U, 1 / 257.0); // 65535 -> 255; rounds and saturates
        else if (mat.Depth() != MatType.CV_8U)
            throw new OpenCVException($"pixels of type {mat.Type()} are not supported");
        Mat source = eight.Empty() ? mat : eight;
        var image = new RgbImage(mat.Width, mat.Height);
        if (mat.Channels() == 4)
        {
            OnWhite(source, image);
            return image;
        }
        using Mat rgb = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels);
        Cv2.CvtColor(source, rgb, mat.Channels() == 1 ? ColorConversionCodes.GRAY2RGB : ColorConversionCodes.BGR2RGB);
        return image;
    }

    private static unsafe void OnWhite(Mat bgra, RgbImage image)
    {
        Span<byte> target = image.Pixels;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = new(bgra.Ptr(y).ToPointer(), image.Width * 4);
            for (; row.Length > 0; row = row[4..], target = target[3..])
            {
                int alpha = row[3], paper = 255 * (255 - alpha) + 127;
                (target[0], target[1], target[2]) = ((byte)((row[2] * alpha + paper) / 255), (byte)((row[1] * alpha + paper) / 255), (byte)((row[0] * alpha + paper) / 255));
            }
        }
    }

    private static int Quality(int quality) =>
        quality is >= 1 and <= 100 ? quality : throw new ArgumentOutOfRangeException(nameof(quality), quality, "The quality is 1 to 100.");

    private static RomaException TooLarge(string name, long length, ImageLimits? limits) =>
        new($"The picture {name} has {length:N0} bytes; allowed are {(limits ?? ImageLimits.Default).MaxBytes:N0}.", "Shrink it, or raise the limit.");
}
