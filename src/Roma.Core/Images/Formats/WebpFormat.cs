using System.Buffers.Binary;

namespace Roma.Core.Formats;

/// <summary>WebP, lossy and lossless; an animation gives its first frame.</summary>
internal sealed class WebpFormat : ImageFormat
{
    public override string Name => "WebP";

    public override IReadOnlyList<string> Extensions => [".webp"];

    public override bool Claims(ReadOnlySpan<byte> file) => file is [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..];

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> rest = file.Slice(12, (int)Math.Min(int.MaxValue, Math.Max(4, BinaryPrimitives.ReadUInt32LittleEndian(file[4..])) - 4));
        ImageHeader? header = null;
        int orientation = 1;
        while (rest.Length >= 8)
        {
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), int.MaxValue - 9);
            ReadOnlySpan<byte> body = rest.Slice(8, length);
            header ??= rest[..4] switch
            {
                [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => new(1 + Three(body[4..]), 1 + Three(body[7..])),
                [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] when BinaryPrimitives.ReadUInt32LittleEndian(body[1..]) is var bits => new(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)),
                [(byte)'V', (byte)'P', (byte)'8', (byte)' '] => new(BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & 0x3FFF),
                _ => throw new InvalidDataException("it holds no picture"),
            };
            if (rest.StartsWith("EXIF"u8))
                orientation = TiffDirectory.OrientationOf(body.StartsWith("Exif\0\0"u8) ? body[6..] : body);
            rest = rest[Math.Min(rest.Length, 8 + length + length % 2)..];
        }
        return (header ?? throw new InvalidDataException("it holds no picture")) with { Orientation = orientation };
    }

    private static int Three(ReadOnlySpan<byte> bytes) => bytes.Slice(0, 3) is [var a, var b, var c] ? a | b << 8 | c << 16 : 0;
}
