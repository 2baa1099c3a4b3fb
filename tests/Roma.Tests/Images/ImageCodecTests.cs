using OpenCvSharp;
using Roma.Core;
using Roma.Tests.Corruptions;

namespace Roma.Tests.Images;

public class ImageCodecTests
{
    private static readonly RgbImage Picture = TestImages.Textured(37, 22);

    public static TheoryData<string> Formats => [".png", ".jpg", ".webp", ".gif", ".bmp", ".tiff"];

    [Fact]
    public void PngIsLossless() => Assert.Equal(Picture.Pixels, ImageCodec.Decode(ImageCodec.EncodePng(Picture), "p").Pixels);

    [Fact]
    public void SavedFilesAreWholeAndAlone()
    {
        string folder = Directory.CreateTempSubdirectory("roma-codec").FullName;
        try
        {
            string path = Path.Combine(folder, "new", "picture.png");
            ImageCodec.SavePng(TestImages.Textured(3, 3), path);
            ImageCodec.SavePng(Picture, path);
            Assert.Equal(Picture.Pixels, ImageCodec.Load(path).Pixels);
            Assert.Equal([path], Directory.GetFileSystemEntries(Path.Combine(folder, "new")));
            Assert.Contains("could not be written", Assert.Throws<RomaException>(() => ImageCodec.SavePng(Picture, Path.Combine(path, "below.png"))).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory, InlineData(10), InlineData(50), InlineData(90)]
    public void LossyCodecsStayNear(int quality)
    {
        RgbImage smooth = new(64, 48);
        for (int i = 0; i < smooth.Pixels.Length; i++)
            smooth.Pixels[i] = (byte)(i / 3 % 64 * 2 + i / 192);
        foreach (byte[] bytes in new[] { ImageCodec.EncodeJpeg(smooth, quality), ImageCodec.EncodeWebp(smooth, quality) })
        {
            RgbImage decoded = ImageCodec.Decode(bytes, "lossy");
            Assert.InRange(decoded.Pixels.Zip(smooth.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 6);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.EncodeJpeg(smooth, 0));
    }

    [Fact]
    public void GrayAnd16BitsBecomeRgbBytes()
    {
        byte[] gray = [0, 1, 127, 255];
        ushort[] deep = [0, 128, 129, 257, 65535, 65278, 65407, 32896, 0, 0, 0, 65535];
        using Mat grayMat = Mat.FromPixelData(1, 4, MatType.CV_8UC1, gray), deepMat = Mat.FromPixelData(2, 2, MatType.CV_16UC3, deep), deepGray = Mat.FromPixelData(1, 12, MatType.CV_16UC1, deep);
        Assert.Equal([0, 0, 0, 1, 1, 1, 127, 127, 127, 255, 255, 255], ImageCodec.Decode(ImageFiles.OpenCv(".png", grayMat), "gray").Pixels);
        byte[] expected = [.. deep.Select(value => (byte)Math.Round(value / 257.0))];
        Assert.Equal([.. expected.Chunk(3).SelectMany(bgr => bgr.Reverse())], ImageCodec.Decode(ImageFiles.OpenCv(".png", deepMat), "deep").Pixels);
        Assert.Equal([.. expected.SelectMany(v => new[] { v, v, v })], ImageCodec.Decode(ImageFiles.OpenCv(".png", deepGray), "deep gray").Pixels);
    }

    [Fact]
    public void TransparencyLiesOnWhite()
    {
        byte[] bgra = [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128];
        using Mat mat = Mat.FromPixelData(1, 3, MatType.CV_8UC4, bgra);
        Assert.Equal([30, 20, 10, 255, 255, 255, 227, 177, 127], ImageCodec.Decode(ImageFiles.OpenCv(".png", mat), "alpha").Pixels);
    }

    [Fact]
    public void PalettesAreLookedUpAndTheirTransparencyLiesOnWhite()
    {
        byte[] png = ImageFiles.Png(4, 1, depth: 2, colour: 3, [0, 0b00_01_10_11], ("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]), ("tRNS", [255, 255, 255, 0]));
        Assert.Equal([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], ImageCodec.Decode(png, "palette").Pixels);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void EveryOrientationStandsUpright(byte orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. ImageFiles.Exif(orientation)];
        byte[] jpeg = ImageCodec.EncodeJpeg(TestImages.Textured(40, 24), 95);
        Assert.Equal(Expected(ImageCodec.Decode(jpeg, "stored")), ImageCodec.Decode([.. jpeg[..2], .. ImageFiles.Segment(0xE1, exif), .. jpeg[2..]], "turned").Pixels);
        byte[] stored = [0, 1, 2, 3, 0, 4, 5, 6]; // two rows of three gray levels
        byte[] upright = Expected(ImageCodec.Decode(ImageFiles.Png(3, 2, 8, 0, stored), "stored"));
        Assert.Equal(upright, ImageCodec.Decode(ImageFiles.Png(3, 2, 8, 0, stored, ("eXIf", ImageFiles.Exif(orientation))), "png").Pixels);
        Assert.Equal(upright, ImageCodec.Decode(ImageFiles.Tiff(3, 2, [1, 2, 3, 4, 5, 6], true, (258, [8]), (274, [orientation])), "tiff").Pixels);

        // As EXIF defines them: where row 0 and column 0 of the stored picture are to be seen.
        byte[] Expected(RgbImage image)
        {
            (string rows, string columns) = orientation switch
            {
                1 => ("top", "left"),
                2 => ("top", "right"),
                3 => ("bottom", "right"),
                4 => ("bottom", "left"),
                5 => ("left", "top"),
                6 => ("right", "top"),
                7 => ("right", "bottom"),
                _ => ("left", "bottom"),
            };
            bool swaps = rows is "left" or "right";
            var result = new RgbImage(swaps ? image.Height : image.Width, swaps ? image.Width : image.Height);
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                (int column, int row) = (i / 3 % image.Width, i / 3 / image.Width);
                int x = 0, y = 0;
                Place(rows, row);
                Place(columns, column);
                result.Pixels[(y * result.Width + x) * 3 + i % 3] = image.Pixels[i];

                void Place(string edge, int distance)
                {
                    if (edge is "left" or "right")
                        x = edge == "left" ? distance : result.Width - 1 - distance;
                    else
                        y = edge == "top" ? distance : result.Height - 1 - distance;
                }
            }
            return result.Pixels;
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void EveryTruncationIsRefusedWithTheName(string format)
    {
        byte[] file = Encode(format);
        Assert.Equal(Picture.Width, ImageCodec.Decode(file, "whole").Width);
        for (int length = 0; length < file.Length; length += Math.Max(1, length < 64 ? 1 : file.Length / 40))
            Assert.Contains("some/file", Assert.Throws<RomaException>(() => ImageCodec.Decode(file.AsSpan(0, length), "some/file")).Message);
    }

    [Fact]
    public void DamagedPixelDataIsRefused()
    {
        byte[] file = ImageCodec.EncodePng(Picture);
        file[file.Length / 2] ^= 0x55;
        Assert.Throws<RomaException>(() => ImageCodec.Decode(file, "damaged"));
    }

    [Fact]
    public void SizesAreBoundedBeforeDecoding()
    {
        byte[] bomb = ImageFiles.Png(60_000, 60_000, 8, 2, []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("60000x60000", Assert.Throws<RomaException>(() => ImageCodec.Decode(bomb, "bomb")).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        byte[] png = ImageCodec.EncodePng(Picture);
        Assert.Contains("pixels", Assert.Throws<RomaException>(() => ImageCodec.Decode(png, "p", new ImageLimits(MaxPixels: 37 * 22 - 1))).Message);
        Assert.Contains("bytes", Assert.Throws<RomaException>(() => ImageCodec.Decode(png, "p", new ImageLimits(MaxBytes: png.Length - 1))).Message);
        Assert.Equal(Picture.Pixels, ImageCodec.Decode(png, "p", new ImageLimits(png.Length, 37 * 22)).Pixels);
    }

    [Fact]
    public void MissingAndForeignFilesAreNamed()
    {
        Assert.Contains("nowhere.png", Assert.Throws<RomaException>(() => ImageCodec.Load("nowhere.png")).Message);
        Assert.Contains("PNG, JPEG", Assert.Throws<RomaException>(() => ImageCodec.Decode("<svg/>"u8, "drawing.svg")).Message);
        Assert.Contains("nothing.png cannot be decoded: it is empty", Assert.Throws<RomaException>(() => ImageCodec.Decode([], "nothing.png")).Message);
    }

    [Fact]
    public void MislabelledFilesAreToldWithTheirTrueKind()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("scan.png"), ImageCodec.EncodeJpeg(Picture, 90));
        File.WriteAllBytes(folder.File("scan.JPEG"), ImageCodec.EncodeJpeg(Picture, 90));
        File.WriteAllBytes(folder.File("scan"), ImageCodec.EncodeJpeg(Picture, 90));
        RomaException fault = Assert.Throws<RomaException>(() => ImageCodec.Load(folder.File("scan.png")));
        Assert.Contains("holds a JPEG, not a PNG", fault.Message);
        Assert.Contains("scan.jpg", fault.Remedy);
        Assert.Equal(ImageCodec.Load(folder.File("scan")).Pixels, ImageCodec.Load(folder.File("scan.JPEG")).Pixels);
    }

    private static byte[] Encode(string format)
    {
        using Mat rgb = Mat.FromPixelData(Picture.Height, Picture.Width, MatType.CV_8UC3, Picture.Pixels);
        return ImageFiles.OpenCv(format, rgb);
    }
}
