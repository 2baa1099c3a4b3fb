using System.Buffers.Binary;
using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>JPEG: baseline and progressive, gray, YCbCr, RGB, CMYK and YCCK (inverted, as Adobe's programs write them).</summary>
internal sealed class JpegFormat : ImageFormat
{
    // Each scan of a progressive file passes over the whole picture; encoders write about ten, a hostile file thousands.
    private const int MostScans = 100;
    private const byte Restart0 = 0xD0, Start = 0xD8, End = 0xD9, Scan = 0xDA, App1 = 0xE1;

    public override string Name => "JPEG";

    public override IReadOnlyList<string> Extensions => [".jpg", ".jpeg", ".jpe", ".jfif"];

    public override bool Claims(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, 0xFF, ..];

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        ImageHeader? frame = null;
        int orientation = 1, scans = 0;
        for (int at = 2; ;)
        {
            int next = file[at..].IndexOf((byte)0xFF); // entropy-coded data lies between markers
            if (next < 0)
                throw new ArgumentOutOfRangeException(nameof(file));
            at += next + 1;
            byte marker = file.Slice(at, 1)[0];
            if (marker is 0x00 or 0x01 or 0xFF or >= Restart0 and <= Start) // stuffed byte, fill, restart
            {
                at += marker == 0xFF ? 0 : 1;
                continue;
            }
            if (marker == End)
                return (frame ?? throw new InvalidDataException("it has no frame header")) with { Orientation = orientation };
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 1)..]);
            ReadOnlySpan<byte> segment = file.Slice(at + 3, Math.Max(0, length - 2));
            if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
                frame = marker is (0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA) && segment[..1][0] == 8
                    ? new ImageHeader(BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]))
                    : throw new InvalidDataException($"a JPEG of kind {marker - 0xC0} with {segment[..1][0]} bits is not supported (baseline and progressive ones with 8 bits are)");
            else if (marker == App1 && orientation == 1 && segment.StartsWith("Exif\0\0"u8))
                orientation = TiffDirectory.OrientationOf(segment[6..]);
            else if (marker == Scan && ++scans > MostScans)
                throw new InvalidDataException($"it has more than {MostScans} scans");
            at += 1 + length;
        }
    }

    public override RgbImage Decode(ReadOnlySpan<byte> file) => OpenCvDecoder.Decode(file, ImreadModes.Color | ImreadModes.IgnoreOrientation);
}
