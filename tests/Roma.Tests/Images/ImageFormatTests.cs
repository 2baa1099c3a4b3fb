using OpenCvSharp;
using Roma.Core;

namespace Roma.Tests.Images;

/// <summary>Every way to store pixels, against levels worked out by hand from the formats' definitions.</summary>
public class ImageFormatTests
{
    private static readonly byte[] Palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9];
    private static readonly byte[] BmpPalette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 9, 9, 9, 0];

    [Theory]
    [InlineData(1, new byte[] { 0b10110010 }, 8, new[] { 255, 0, 255, 255, 0, 0, 255, 0 })]
    [InlineData(2, new byte[] { 0b00_01_10_11 }, 4, new[] { 0, 85, 170, 255 })]
    [InlineData(4, new byte[] { 0x5F }, 2, new[] { 85, 255 })]
    [InlineData(8, new byte[] { 7, 250 }, 2, new[] { 7, 250 })]
    [InlineData(16, new byte[] { 0x12, 0x34, 0x80, 0x7F, 0xFF, 0xFF }, 3, new[] { 18, 128, 255 })]
    public void GrayOfEveryDepth(byte depth, byte[] row, int width, int[] levels)
    {
        Assert.Equal(levels, Gray(ImageFiles.Png(width, 1, depth, 0, [0, .. row])));
        Assert.Equal(levels, Gray(ImageFiles.Tiff(width, 1, row, true, (258, [depth]), (262, [1]))));
        Assert.Equal(levels.Select(level => 255 - level), Gray(ImageFiles.Tiff(width, 1, row, true, (258, [depth]), (262, [0]))));
        if (depth == 16)
            Assert.Equal(levels, Gray(ImageFiles.Tiff(width, 1, [.. row.Chunk(2).SelectMany(pair => pair.Reverse())], false, (258, [16]), (262, [1]))));
    }

    [Theory]
    [InlineData(1, 1, new[] { 0, 255, 0, 0, 255, 255, 0, 255 })] // the white ones are transparent and lie on white: nothing changes; see below for the black ones
    [InlineData(2, 1, new[] { 0, 255, 170, 255 })]
    [InlineData(4, 5, new[] { 255, 255 })]
    [InlineData(8, 7, new[] { 255, 250 })]
    public void TheTransparentLevelOfGrayIsWhite(byte depth, byte level, int[] levels)
    {
        byte[] row = depth switch { 1 => [0b01001101], 2 => [0b00_01_10_11], 4 => [0x5F], _ => [7, 250] };
        Assert.Equal(levels, Gray(ImageFiles.Png(levels.Length, 1, depth, 0, [0, .. row], ("tRNS", [0, level]))));
        Assert.Equal([255, 19], Gray(ImageFiles.Png(2, 1, 16, 0, [0, 0x12, 0x34, 0x12, 0xBC], ("tRNS", [0x12, 0x34]))));
        Assert.All(Gray(ImageFiles.Png(8, 1, 1, 0, [0, 0b01001101], ("tRNS", [0, 0]))), white => Assert.Equal(255, white));
    }

    [Fact]
    public void ColoursWithTransparency()
    {
        Assert.Equal([255, 255, 255, 4, 5, 6], Decode(ImageFiles.Png(2, 1, 8, 2, [0, 1, 2, 3, 4, 5, 6], ("tRNS", [0, 1, 0, 2, 0, 3]))));
        Assert.Equal([Over(16, 128), Over(32, 128), Over(48, 128)], Decode(ImageFiles.Png(1, 1, 16, 6, [0, 16, 16, 32, 32, 48, 48, 128, 128])));
        Assert.Equal([Over(7, 128), 9], Gray(ImageFiles.Png(2, 1, 8, 4, [0, 7, 128, 9, 255])).Select(level => (byte)level));
        Assert.Equal([255, 0, 0, 127, 255, 127, 0, 0, 255, 255, 255, 255], Decode(ImageFiles.Png(4, 1, 2, 3, [0, 0b00_01_10_11], ("PLTE", Palette), ("tRNS", [255, 128, 255, 0]))));
        foreach (bool bigEndian in new[] { false, true })
        {
            byte[] straight = ImageFiles.Tiff(2, 1, [100, 150, 200, 128, 4, 5, 6, 255], bigEndian, (258, [8, 8, 8, 8]), (262, [2]), (277, [4]), (338, [2]));
            Assert.Equal([Over(100, 128), Over(150, 128), Over(200, 128), 4, 5, 6], Decode(straight));
            byte[] premultiplied = ImageFiles.Tiff(2, 1, [50, 75, 100, 128, 4, 5, 6, 255], bigEndian, (258, [8, 8, 8, 8]), (262, [2]), (277, [4]), (338, [1]));
            Assert.Equal([177, 202, 227, 4, 5, 6], Decode(premultiplied));
            Assert.Equal([1, 2, 3], Decode(ImageFiles.Tiff(1, 1, [1, 2, 3, 77], bigEndian, (258, [8, 8, 8, 8]), (262, [2]), (277, [4]), (338, [0]))));
            Assert.Equal([Over(100, 128), 4], Gray(ImageFiles.Tiff(2, 1, [100, 128, 4, 255], bigEndian, (258, [8, 8]), (262, [1]), (277, [2]), (338, [2]))).Select(level => (byte)level));
        }
    }

    [Fact]
    public void TiffOfEveryLayout()
    {
        byte[] packBits = [255, 1, 2, 2, 3, 4, 128, 255, 9], rgb = [1, 2, 3, 4, 5, 6];
        Assert.Equal([1, 1, 2, 3, 4, 9, 9], Gray(ImageFiles.Tiff(7, 1, packBits, false, (258, [8]), (262, [1]), (259, [32773]))));
        Assert.Equal([1, 3, 6, 7, 255, 0], Gray(ImageFiles.Tiff(3, 2, ImageFiles.Deflate([1, 2, 3, 7, 248, 1]), false, (258, [8]), (262, [1]), (259, [8]), (317, [2]))));
        Assert.Equal([1, 2, 2, 4], Gray(ImageFiles.Tiff(2, 2, ImageFiles.Deflate([1, 1, 1, 1 + 1, 2, 2, 2, 2]), true, (258, [16]), (262, [1]), (259, [32946]), (317, [2]))));
        Assert.Equal(rgb, Decode(ImageFiles.Tiff(2, 1, rgb, true, (258, [8, 8, 8]), (262, [2]), (277, [3]))));
        Assert.Equal([1, 3, 5, 2, 4, 6], Decode(ImageFiles.Tiff(2, 1, rgb, true, (258, [8, 8, 8]), (262, [2]), (277, [3]), (284, [2]), (273, [8, 10, 12]), (279, [2, 2, 2]))));
        // Four tiles of 2x2 hold 3x3 pixels.
        Assert.Equal([1, 2, 5, 3, 4, 7, 9, 10, 13], Gray(ImageFiles.Tiff(3, 3, [.. Enumerable.Range(1, 16).Select(i => (byte)i)], true, (258, [8]), (262, [1]), (322, [2]), (323, [2]), (324, [8, 12, 16, 20]), (325, [4, 4, 4, 4]))));
        int[] colours = [.. Enumerable.Range(0, 768).Select(i => i % 256 == 1 ? 0x8080 + i / 256 * 0x1010 : 0)];
        Assert.Equal([0, 0, 0, 128, 144, 160], Decode(ImageFiles.Tiff(2, 1, [0, 1], false, (258, [8]), (262, [3]), (320, colours))));
        Assert.Equal([155, 255, 255, 155, 155, 155], Decode(ImageFiles.Tiff(2, 1, [100, 0, 0, 0, 0, 0, 0, 100], false, (258, [8, 8, 8, 8]), (262, [5]), (277, [4]))));
        Assert.Contains("compression 34712", Fault(ImageFiles.Tiff(1, 1, [1], false, (258, [8]), (262, [1]), (259, [34712]))));
        Assert.Contains("samples", Fault(ImageFiles.Tiff(1, 1, [0, 0, 128, 63], false, (258, [32]), (262, [1]), (339, [3]))));
    }

    [Theory, InlineData(1), InlineData(5), InlineData(32773), InlineData(32946), InlineData(8)]
    public void TiffAsOpenCvCompressesIt(int compression)
    {
        RgbImage picture = Corruptions.TestImages.Textured(61, 47);
        using Mat rgb = Mat.FromPixelData(47, 61, MatType.CV_8UC3, picture.Pixels), bgr = new();
        Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
        byte[] file = ImageFiles.OpenCv(".tiff", bgr, 259, compression);
        Assert.Equal(picture.Pixels, Decode(file));
        Assert.Throws<RomaException>(() => Decode(file[..^(file.Length / 3)]));
    }

    [Fact]
    public void FaxAndJpegWithinTiff()
    {
        using var page = new Mat(16, 24, MatType.CV_8UC1, new Scalar(255));
        page.Rectangle(new Rect(3, 2, 10, 7), new Scalar(0), -1);
        // Group 4: every row as the one above (a single bit) leaves the page white.
        byte[] fax = ImageFiles.Tiff(8, 4, [0b1111_0000, 0, 0b0001_0000, 0, 0x10], false, (258, [1]), (262, [0]), (259, [4]));
        Assert.All(Decode(fax), level => Assert.Equal(255, level));
        byte[] jpeg = ImageFiles.OpenCv(".tiff", page, 259, 7);
        RgbImage decoded = ImageCodec.Decode(jpeg, "jpeg in tiff");
        Assert.InRange(decoded.Pixels[3 * (5 * 24 + 7)], 0, 40);
        Assert.InRange(decoded.Pixels[^1], 215, 255);
    }

    [Fact]
    public void BmpOfEveryDepth()
    {
        Assert.Equal([0, 255, 0, 255, 0, 0], Decode(ImageFiles.Bmp(2, 1, 1, [[0b10_000000]], BmpPalette[..8])));
        Assert.Equal([0, 255, 0, 0, 0, 255], Decode(ImageFiles.Bmp(2, 1, 4, [[0x12]], BmpPalette)));
        byte[] eight = [0, 0, 255, 9, 9, 9, 255, 0, 0, 0, 255, 0];
        Assert.Equal(eight, Decode(ImageFiles.Bmp(2, 2, 8, [[0, 1], [2, 3]], BmpPalette)));
        Assert.Equal(eight, Decode(ImageFiles.Bmp(2, -2, 8, [[2, 3], [0, 1]], BmpPalette)));
        Assert.Equal([255, 255, 255, 0, 0, 255], Decode(ImageFiles.Bmp(2, 1, 16, [[0xFF, 0x7F, 0x1F, 0]])));
        Assert.Equal([0, 255, 0, 0, 0, 255], Decode(ImageFiles.Bmp(2, 1, 16, [[0xE0, 0x07, 0x1F, 0]], null, 3, [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0])));
        Assert.Equal([3, 2, 1, 6, 5, 4], Decode(ImageFiles.Bmp(2, 1, 24, [[1, 2, 3, 4, 5, 6]])));
        Assert.Equal([3, 2, 1, 6, 5, 4], Decode(ImageFiles.Bmp(2, 1, 32, [[1, 2, 3, 0, 4, 5, 6, 99]])));
        Assert.Equal([1, 2, 3], Decode(ImageFiles.Bmp(1, 1, 32, [[1, 2, 3, 4]], null, 3, [0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF, 0])));
        Assert.Equal([Over(1, 128), Over(2, 128), Over(3, 128)], Decode(ImageFiles.Bmp(1, 1, 32, [[1, 2, 3, 128]], null, 6, [0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0xFF])));
    }

    [Fact]
    public void BmpWithRuns()
    {
        // The bottom row: two of 1, two of 2; the top row: a jump over one, then three literal values.
        byte[] runs = [2, 1, 2, 2, 0, 0, 0, 2, 1, 0, 0, 3, 1, 2, 3, 0, 0, 1];
        int[] indices = [0, 1, 2, 3, 1, 1, 2, 2];
        Assert.Equal(indices.SelectMany(i => Palette.AsSpan(3 * i, 3).ToArray()), Decode(ImageFiles.Bmp(4, 2, 8, [runs], BmpPalette, 1)));
        byte[] pairs = [4, 0x12, 0, 0, 0, 4, 0x01, 0x23, 0, 1];
        Assert.Equal(new[] { 0, 1, 2, 3, 1, 2, 1, 2 }.SelectMany(i => Palette.AsSpan(3 * i, 3).ToArray()), Decode(ImageFiles.Bmp(4, 2, 4, [pairs], BmpPalette, 2)));
        Assert.Contains("ends early", Fault(ImageFiles.Bmp(4, 2, 8, [runs[..^2]], BmpPalette, 1)));
    }

    [Fact]
    public void GifWithinItsScreen()
    {
        static byte[] Colours(params int[] indices) => [.. indices.SelectMany(i => i < 0 ? [255, 255, 255] : Palette.AsSpan(3 * i, 3).ToArray())];
        Assert.Equal(Colours(0, 1, 2, 3), Decode(ImageFiles.Gif(2, 2, Palette, (0, 0, 2, 2), [0, 1, 2, 3])));
        Assert.Equal(Colours(-1, -1, -1, -1, 0, 1, -1, 2, 3), Decode(ImageFiles.Gif(3, 3, Palette, (1, 1, 2, 2), [0, 1, 2, 3])));
        Assert.Equal(Colours(0, -1, 2, 3), Decode(ImageFiles.Gif(2, 2, Palette, (0, 0, 2, 2), [0, 1, 2, 3], transparent: 1)));
        Assert.Equal(Colours(-1, -1, -1, -1, 0, 1, -1, 2, 3), Decode(ImageFiles.Gif(2, 2, Palette, (1, 1, 2, 2), [0, 1, 2, 3]))); // the screen grows
        Assert.Equal(Colours(0, 0, 2, 1, 1, 2, 3, 3, 0), Decode(ImageFiles.Gif(1, 9, Palette, (0, 0, 1, 9), [0, 0, 1, 2, 3, 0, 1, 2, 3], interlaced: true)));
        Assert.Contains("ends early", Fault(ImageFiles.Gif(2, 4, Palette, (0, 0, 2, 4), [0, 1, 2, 3])));
    }

    [Fact]
    public void GifAsOpenCvCompressesIt()
    {
        using Mat mat = Mat.FromPixelData(90, 120, MatType.CV_8UC3, Corruptions.TestImages.Textured(120, 90).Pixels);
        byte[] file = ImageFiles.OpenCv(".gif", mat);
        using Mat bgr = Cv2.ImDecode(file, ImreadModes.Color), rgb = new(); // one opaque frame that covers its screen is read rightly
        Cv2.CvtColor(bgr, rgb, ColorConversionCodes.BGR2RGB);
        rgb.GetArray(out Vec3b[] expected);
        Assert.Equal(expected.SelectMany(pixel => new[] { pixel.Item0, pixel.Item1, pixel.Item2 }), Decode(file));
    }

    [Fact]
    public void JpegOfEveryColourModel()
    {
        byte[] rgbMarker = [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0], ycckMarker = [.. rgbMarker[..^1], 2];
        Assert.Equal([100, 100, 100], Middle([[100]], null));
        Assert.Equal([100, 100, 100], Middle([[100, 128, 128]], null));
        Near([179, 100, 100], Middle([[124, 115, 167]], null), 3); // luma 0.299 r + 0.587 g + 0.114 b
        Assert.Equal([10, 20, 30], Middle([[10, 20, 30]], rgbMarker));
        // Stored inverted: 255 is no ink. Cyan 155 and black 35: (255 - 155) (255 - 35) / 255.
        Near([86, 129, 173], Middle([[100, 150, 200, 220]], rgbMarker), 1);
        Near([255, 255, 255], Middle([[255, 255, 255, 255]], rgbMarker), 1);
        Near([86, 86, 86], Middle([[155, 128, 128, 220]], ycckMarker), 1);
    }

    [Fact]
    public void ProgressiveJpegIsTheSamePicture()
    {
        using Mat mat = Mat.FromPixelData(64, 64, MatType.CV_8UC3, Corruptions.TestImages.Textured(64, 64).Pixels);
        byte[] baseline = ImageFiles.OpenCv(".jpg", mat), progressive = ImageFiles.OpenCv(".jpg", mat, (int)ImwriteFlags.JpegProgressive, 1);
        Assert.NotEqual(baseline.Length, progressive.Length);
        Assert.Equal(Decode(baseline), Decode(progressive));
        Assert.Throws<RomaException>(() => Decode(progressive[..(progressive.Length / 2)]));
    }

    [Fact]
    public void InterlacedPngIsTheSamePicture() =>
        // Adam7 of 2x2: passes 1 (first pixel), 6 (second pixel), 7 (second row).
        Assert.Equal([1, 2, 3, 4], Gray(ImageFiles.Png(2, 2, 8, 0, true, [0, 1, 0, 2, 0, 3, 4])));

    [Fact]
    public void AnAnimatedPngIsItsStillPicture()
    {
        (string, byte[]) control = ("acTL", [.. ImageFiles.Big(1), .. ImageFiles.Big(0)]);
        (string, byte[]) frame = ("fcTL", [.. ImageFiles.Big(0), .. ImageFiles.Big(2), .. ImageFiles.Big(1), .. new byte[8], 0, 1, 0, 1, 0, 0]);
        Assert.Equal([1, 2, 3, 4, 5, 6], Decode(ImageFiles.Png(2, 1, 8, 2, [0, 1, 2, 3, 4, 5, 6], control, frame)));
        Assert.Equal([1, 2, 3, 4, 5, 6], Decode(ImageFiles.Png(2, 1, 8, 2, [0, 1, 2, 3, 4, 5, 6], control))); // its frames come later
    }

    [Fact]
    public void WebpWithoutLossAndWithTransparency()
    {
        byte[] bgra = [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128];
        using Mat mat = Mat.FromPixelData(1, 3, MatType.CV_8UC4, bgra);
        Assert.Equal([30, 20, 10, 255, 255, 255, 227, 177, 127], Decode(ImageFiles.OpenCv(".webp", mat, (int)ImwriteFlags.WebPQuality, 101)));
    }

    [Theory, InlineData(0xC0, 12, "kind 0 with 12 bits"), InlineData(0xC3, 8, "kind 3 with 8 bits")]
    public void OtherKindsOfJpegAreNamed(byte marker, byte bits, string fault)
    {
        byte[] file = ImageFiles.Jpeg(1, 1, [[100]]);
        int frame = file.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        (file[frame + 1], file[frame + 4]) = (marker, bits);
        Assert.Contains(fault, Fault(file));
    }

    [Fact]
    public void ManyScansAreRefused()
    {
        byte[] file = ImageFiles.Jpeg(1, 1, [[100]]);
        byte[] scan = ImageFiles.Segment(0xDA, [1, 1, 0, 0, 63, 0]);
        Assert.Contains("scans", Fault([.. file[..^2], .. Enumerable.Repeat(scan, 1000).SelectMany(s => s), .. file[^2..]]));
    }

    private static byte[] Decode(byte[] file) => ImageCodec.Decode(file, "file").Pixels;

    private static int[] Gray(byte[] file)
    {
        byte[] pixels = Decode(file);
        Assert.All(pixels.Chunk(3), pixel => Assert.Single(pixel.Distinct()));
        return [.. pixels.Where((_, i) => i % 3 == 0).Select(level => (int)level)];
    }

    private static byte[] Middle(byte[][] blocks, byte[]? adobe) => Decode(ImageFiles.Jpeg(1, 1, blocks, adobe))[(3 * 36)..(3 * 37)];

    private static string Fault(byte[] file) => Assert.Throws<RomaException>(() => Decode(file)).Message;

    private static void Near(byte[] expected, byte[] actual, int levels) => Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - levels, pair.First + levels));

    private static byte Over(int level, int alpha) => (byte)Math.Round((level * alpha + 255.0 * (255 - alpha)) / 255);
}
