using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>
/// TIFF: the first picture; 1 to 16 bits, gray, palette, RGB, CMYK, transparency, strips and tiles, uncompressed, LZW, Deflate or PackBits; fax and JPEG compression
/// through libtiff. (OpenCV drops or multiplies transparency in, and does not invert 16 bits where 0 is white.)
/// </summary>
internal sealed class TiffFormat : ImageFormat
{
    public override string Name => "TIFF";

    public override IReadOnlyList<string> Extensions => [".tif", ".tiff"];

    public override bool Claims(ReadOnlySpan<byte> file) => file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        var directory = new TiffDirectory(file);
        var layout = TiffLayout.Read(directory);
        foreach ((long offset, long length) in layout.Segments)
            _ = file.Slice((int)Math.Min(offset, int.MaxValue), (int)Math.Min(length, int.MaxValue));
        // libtiff turns the picture itself.
        return new(layout.Width, layout.Height, layout.IsForLibTiff ? 1 : directory.Orientation);
    }

    public override RgbImage Decode(ReadOnlySpan<byte> file)
    {
        var layout = TiffLayout.Read(new TiffDirectory(file));
        if (layout.IsForLibTiff)
            return OpenCvDecoder.Decode(file, ImreadModes.Color | ImreadModes.IgnoreOrientation);
        byte[] samples = TiffSamples.Read(file, layout);
        var image = new RgbImage((int)layout.Width, (int)layout.Height);
        Span<byte> target = image.Pixels;
        int kept = layout.Kept, colours = layout.Colours.Length / 3;
        for (ReadOnlySpan<byte> pixel = samples; target.Length > 0; pixel = pixel[kept..], target = target[3..])
        {
            (int r, int g, int b) = layout.Photometric switch
            {
                TiffLayout.WhiteIsZero => (255 - pixel[0], 255 - pixel[0], 255 - pixel[0]),
                TiffLayout.Rgb => (pixel[0], pixel[1], pixel[2]),
                TiffLayout.Palette => (Colour(layout, pixel[0]), Colour(layout, colours + pixel[0]), Colour(layout, 2 * colours + pixel[0])),
                TiffLayout.Cmyk => (Ink(pixel[0], pixel[3]), Ink(pixel[1], pixel[3]), Ink(pixel[2], pixel[3])),
                _ => ((int)pixel[0], (int)pixel[0], (int)pixel[0]),
            };
            int alpha = layout.Alpha == TiffLayout.Opaque ? 255 : pixel[kept - 1];
            (target[0], target[1], target[2]) = layout.Alpha == TiffLayout.Premultiplied
                ? ((byte)Math.Min(255, r + 255 - alpha), (byte)Math.Min(255, g + 255 - alpha), (byte)Math.Min(255, b + 255 - alpha))
                : (OnWhite(r, alpha), OnWhite(g, alpha), OnWhite(b, alpha));
        }
        return image;
    }

    private static int Colour(TiffLayout layout, int index) => (int)(layout.Colours[index] >> 8) & 255;

    private static int Ink(int ink, int black) => ((255 - ink) * (255 - black) + 127) / 255;
}
