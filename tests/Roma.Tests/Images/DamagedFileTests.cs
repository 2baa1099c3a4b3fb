using OpenCvSharp;
using Roma.Core;
using Roma.Tests.Corruptions;

namespace Roma.Tests.Images;

/// <summary>Ten thousand damaged files: each is decoded within the limits or refused with its name. A crash of a native decoder would end the test run.</summary>
public class DamagedFileTests
{
    private const int Files = 10_000;
    private static readonly ImageLimits Limits = new(1 << 20, 1_000_000);

    [Fact]
    public void EveryDamagedFileIsDecodedOrRefused()
    {
        byte[][] seeds = [.. Seeds()];
        Assert.All(seeds, seed => Assert.True(ImageCodec.Decode(seed, "whole").Width > 0));
        int refused = 0;
        Parallel.For(0, Files, i =>
        {
            var random = CounterRandom.Of("damage", i);
            byte[] file = Damage(seeds[i % seeds.Length], seeds[random.Integer(0, seeds.Length)], random);
            try
            {
                RgbImage image = ImageCodec.Decode(file, "some/file", Limits);
                Assert.InRange((long)image.Width * image.Height, 1, Limits.MaxPixels);
            }
            catch (RomaException e)
            {
                Assert.Contains("some/file", e.Message);
                Interlocked.Increment(ref refused);
            }
        });
        Assert.InRange(refused, Files / 20, Files - Files / 20); // the damage is neither harmless nor always fatal
    }

    private static byte[] Damage(byte[] seed, byte[] other, CounterRandom random)
    {
        byte[] file = [.. seed];
        int At(int length) => random.Integer(0, Math.Max(1, random.Integer(0, 2) == 0 ? Math.Min(64, length) : length)); // headers are short and matter most
        switch (random.Integer(0, 7))
        {
            case 0:
                return file[..random.Integer(0, file.Length)];
            case 1: // a piece of another file
                int from = At(other.Length), length = random.Integer(0, other.Length - from + 1), to = At(file.Length);
                return [.. file[..to], .. other[from..(from + length)], .. file[Math.Min(file.Length, to + random.Integer(0, length + 1))..]];
            case 2: // a piece twice, or left out
                (int a, int b) = (At(file.Length), At(file.Length));
                return [.. file[..a], .. file[b..]];
            case 3: // extreme numbers
                for (int k = random.Integer(1, 4); k > 0; k--)
                    file.AsSpan(At(file.Length)).Slice(0, 1).Fill(new byte[] { 0, 1, 0x7F, 0x80, 0xFE, 0xFF }[random.Integer(0, 6)]);
                return file;
            case 4:
                for (int k = random.Integer(1, 9); k > 0; k--)
                    file[At(file.Length)] ^= (byte)(1 << random.Integer(0, 8));
                return file;
            case 5: // four bytes that may be a length or a size
                int word = Math.Min(At(file.Length), file.Length - 4);
                (random.Integer(0, 2) == 0 ? ImageFiles.Big(random.Integer(-3, 70_000)) : ImageFiles.Little(random.Integer(-3, 70_000))).CopyTo(file, word);
                return file;
            default:
                for (int k = random.Integer(1, 30); k > 0; k--)
                    file[At(file.Length)] = (byte)random.Integer(0, 256);
                return file;
        }
    }

    private static IEnumerable<byte[]> Seeds()
    {
        using Mat rgb = Mat.FromPixelData(22, 37, MatType.CV_8UC3, TestImages.Textured(37, 22).Pixels), gray = new(), rgba = new(), deep = new();
        Cv2.CvtColor(rgb, gray, ColorConversionCodes.RGB2GRAY);
        Cv2.CvtColor(rgb, rgba, ColorConversionCodes.RGB2RGBA);
        rgb.ConvertTo(deep, MatType.CV_16UC3, 257);
        foreach (Mat mat in new[] { rgb, gray })
            foreach (string extension in new[] { ".png", ".jpg", ".webp", ".bmp", ".tiff" })
                yield return ImageFiles.OpenCv(extension, mat);
        yield return ImageFiles.OpenCv(".gif", rgb);
        foreach (string extension in new[] { ".png", ".webp", ".tiff", ".bmp" })
            yield return ImageFiles.OpenCv(extension, rgba);
        yield return ImageFiles.OpenCv(".png", deep);
        yield return ImageFiles.OpenCv(".tiff", deep);
        yield return ImageFiles.OpenCv(".webp", rgb, (int)ImwriteFlags.WebPQuality, 101);
        yield return ImageFiles.OpenCv(".jpg", rgb, (int)ImwriteFlags.JpegProgressive, 1);
        foreach (int compression in new[] { 1, 7, 8, 32773 })
            yield return ImageFiles.OpenCv(".tiff", rgb, 259, compression);
        byte[] palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9], bmpPalette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 9, 9, 9, 0];
        yield return ImageFiles.Png(4, 1, 2, 3, [0, 0b00_01_10_11], ("PLTE", palette), ("tRNS", [255, 128, 255, 0]), ("eXIf", ImageFiles.Exif(6)));
        yield return ImageFiles.Png(2, 1, 8, 2, [0, 1, 2, 3, 4, 5, 6], ("acTL", [.. ImageFiles.Big(1), .. ImageFiles.Big(0)]), ("fcTL", [.. ImageFiles.Big(0), .. ImageFiles.Big(2), .. ImageFiles.Big(1), .. new byte[8], 0, 1, 0, 1, 0, 0]));
        yield return ImageFiles.Png(2, 2, 8, 0, true, [0, 1, 0, 2, 0, 3, 4], ("tRNS", [0, 1]));
        yield return ImageFiles.Gif(9, 9, palette, (1, 1, 4, 8), [.. Enumerable.Range(0, 32).Select(i => (byte)(i % 4))], 1, true);
        yield return ImageFiles.Bmp(4, 2, 8, [[2, 1, 2, 2, 0, 0, 0, 2, 1, 0, 0, 3, 1, 2, 3, 0, 0, 1]], bmpPalette, 1);
        yield return ImageFiles.Bmp(4, 2, 4, [[4, 0x12, 0, 0, 0, 4, 0x01, 0x23, 0, 1]], bmpPalette, 2);
        yield return ImageFiles.Bmp(2, 1, 16, [[0xE0, 0x07, 0x1F, 0]], null, 3, [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0]);
        yield return ImageFiles.Tiff(8, 4, [0b1111_0000, 0, 0b0001_0000, 0, 0x10], false, (258, [1]), (262, [0]), (259, [4]));
        yield return ImageFiles.Tiff(3, 3, [.. Enumerable.Range(1, 16).Select(i => (byte)i)], true, (258, [8]), (262, [1]), (322, [2]), (323, [2]), (324, [8, 12, 16, 20]), (325, [4, 4, 4, 4]));
        yield return ImageFiles.Jpeg(4, 1, [[255, 255, 255, 255], [0, 255, 255, 255], [255, 255, 255, 100], [100, 150, 200, 220]], [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 2]);
        yield return [.. ImageCodec.EncodeJpeg(TestImages.Textured(20, 9), 80) is var jpeg ? jpeg[..2] : [], .. ImageFiles.Segment(0xE1, [.. "Exif\0\0"u8, .. ImageFiles.Exif(5)]), .. jpeg[2..]];
    }
}
