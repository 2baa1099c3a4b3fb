using System.Buffers.Binary;
using System.IO.Compression;
using Roma.Core;

namespace Roma.Tests.Models.Processing;

/// <summary>Reads 8-bit PNG pictures without interlace: enough for golden ones, and independent of the project's own codec.</summary>
internal static class Png
{
    public static RgbImage Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        using var data = new MemoryStream();
        (int width, int height, int channels) = (0, 0, 0);
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> body = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    Assert.Equal((8, 0), (body[8], body[12]));
                    (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                    channels = body[9] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new NotSupportedException($"PNG colour type {body[9]}") };
                    break;
                case "IDAT":
                    data.Write(body);
                    break;
            }
            at += length + 12;
        }
        data.Position = 0;
        using var unpacked = new ZLibStream(data, CompressionMode.Decompress);
        return Unfilter(unpacked, width, height, channels);
    }

    private static RgbImage Unfilter(Stream data, int width, int height, int channels)
    {
        var image = new RgbImage(width, height);
        byte[] above = new byte[width * channels];
        for (int y = 0; y < height; y++)
        {
            int filter = data.ReadByte();
            byte[] row = new byte[above.Length];
            data.ReadExactly(row);
            for (int i = 0; i < row.Length; i++)
            {
                int left = i < channels ? 0 : row[i - channels], up = above[i], corner = i < channels ? 0 : above[i - channels];
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
            }
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    image.Pixels[(y * width + x) * 3 + c] = row[x * channels + (channels > 2 ? c : 0)];
            above = row;
        }
        return image;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int p = left + up - corner, a = Math.Abs(p - left), b = Math.Abs(p - up), c = Math.Abs(p - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
