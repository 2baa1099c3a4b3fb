using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using OpenCvSharp;
using Roma.Core;
using Roma.Tests.Corruptions;

namespace Roma.Tests.Images;

public class ImageCodecTests
{
    private static readonly RgbImage Picture = TestImages.Textured(37, 22);

    public static TheoryData<string> Formats => [".png", ".jpg", ".webp", ".gif", ".bmp"];

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
            Assert.Contains("cannot be written", Assert.Throws<RomaException>(() => ImageCodec.SavePng(Picture, Path.Combine(path, "below.png"))).Message);
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
        Assert.Equal([0, 0, 0, 1, 1, 1, 127, 127, 127, 255, 255, 255], ImageCodec.Decode(Encode(".png", grayMat), "gray").Pixels);
        byte[] expected = [.. deep.Select(value => (byte)Math.Round(value / 257.0))];
        Assert.Equal([.. expected.Chunk(3).SelectMany(bgr => bgr.Reverse())], ImageCodec.Decode(Encode(".png", deepMat), "deep").Pixels);
        Assert.Equal([.. expected.SelectMany(v => new[] { v, v, v })], ImageCodec.Decode(Encode(".png", deepGray), "deep gray").Pixels);
    }

    [Fact]
    public void TransparencyLiesOnWhite()
    {
        byte[] bgra = [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128];
        using Mat mat = Mat.FromPixelData(1, 3, MatType.CV_8UC4, bgra);
        Assert.Equal([30, 20, 10, 255, 255, 255, 227, 177, 127], ImageCodec.Decode(Encode(".png", mat), "alpha").Pixels);
    }

    [Fact]
    public void PalettesAreLookedUpAndTheirTransparencyLiesOnWhite()
    {
        byte[] png = Png(4, 1, depth: 2, colour: 3, [0, 0b00_01_10_11], ("PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]), ("tRNS", [255, 255, 255, 0]));
        Assert.Equal([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], ImageCodec.Decode(png, "palette").Pixels);
    }

    [Theory, InlineData(1, 0), InlineData(3, 2), InlineData(6, 1), InlineData(8, 3)]
    public void JpegIsTurnedAsItsOrientationSays(byte orientation, int quarterTurns)
    {
        RgbImage upright = TestImages.Textured(40, 24);
        byte[] jpeg = ImageCodec.EncodeJpeg(upright, 95);
        RgbImage expected = ImageCodec.Decode(jpeg, "upright");
        for (int i = 0; i < quarterTurns; i++)
            expected = Turn(expected);
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0"u8, orientation, 0, 0, 0, 0, 0, 0];
        RgbImage turned = ImageCodec.Decode([.. jpeg[..2], .. exif, .. jpeg[2..]], "turned");
        Assert.Equal((expected.Width, expected.Height), (turned.Width, turned.Height));
        Assert.Equal(expected.Pixels, turned.Pixels);

        static RgbImage Turn(RgbImage image)
        {
            var result = new RgbImage(image.Height, image.Width);
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                (int x, int y) = (i / 3 % image.Width, i / 3 / image.Width);
                result.Pixels[(x * result.Width + result.Width - 1 - y) * 3 + i % 3] = image.Pixels[i];
            }
            return result;
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

    [Theory, MemberData(nameof(Formats))]
    public void DamageIsRefusedOrDecodedNeverACrash(string format)
    {
        byte[] file = Encode(format);
        var random = CounterRandom.Of("damage", format);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. file];
            for (int k = 0; k < 1 + i % 4; k++)
                damaged[random.Integer(0, i % 2 == 0 ? Math.Min(80, file.Length) : file.Length)] = (byte)random.Integer(0, 256);
            try
            {
                RgbImage image = ImageCodec.Decode(damaged, "damaged", new ImageLimits(MaxPixels: 1_000_000));
                Assert.InRange(image.Width * image.Height, 1, 1_000_000);
            }
            catch (RomaException e)
            {
                Assert.Contains("damaged", e.Message);
            }
        }
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
        byte[] bomb = Png(60_000, 60_000, 8, 2, []);
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
    }

    private static byte[] Encode(string format)
    {
        using Mat rgb = Mat.FromPixelData(Picture.Height, Picture.Width, MatType.CV_8UC3, Picture.Pixels);
        return Encode(format, rgb);
    }

    private static byte[] Encode(string format, Mat mat)
    {
        Cv2.ImEncode(format, mat, out byte[] bytes, (int[])[]);
        return bytes;
    }

    private static byte[] Png(int width, int height, byte depth, byte colour, byte[] rows, params (string Type, byte[] Data)[] chunks)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colour);
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
            zlib.Write(rows);
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8];
        foreach ((string type, byte[] data) in ((string, byte[])[])[("IHDR", header), .. chunks, ("IDAT", packed.ToArray()), ("IEND", [])])
        {
            byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data], length = new byte[4], check = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
            BinaryPrimitives.WriteUInt32BigEndian(check, Crc(body));
            png = [.. png, .. length, .. body, .. check];
        }
        return png;

        static uint Crc(byte[] data)
        {
            uint crc = uint.MaxValue;
            foreach (byte value in data)
            {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            }
            return ~crc;
        }
    }
}
