using System.Buffers.Binary;

namespace Roma.Core;

/// <summary>
/// What a picture file declares, read without decoding it. Reading walks the file's own structure to its end, because decoders fill the missing part of a
/// truncated file with gray and report success.
/// </summary>
/// <param name="Format">png, jpeg, webp, gif or bmp.</param>
/// <param name="Width">Stored width, before any EXIF rotation.</param>
/// <param name="Height">Stored height.</param>
internal readonly record struct ImageHeader(string Format, long Width, long Height)
{
    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">The format is unknown, or the file is damaged or ends early.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return file switch
            {
                [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, ..] => Png(file),
                [0xFF, 0xD8, 0xFF, ..] => Jpeg(file),
                [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => WebP(file),
                [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => Gif(file),
                [(byte)'B', (byte)'M', ..] => Bmp(file),
                [] => throw new InvalidDataException("it is empty"),
                _ => throw new InvalidDataException("it is none of PNG, JPEG, WebP, GIF, BMP"),
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("it ends early: the file is truncated");
        }
    }

    private static ImageHeader Png(ReadOnlySpan<byte> file)
    {
        var header = new ImageHeader("png", BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]));
        for (int at = 8; ;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            ReadOnlySpan<byte> type = file.Slice(at + 4, 4);
            at = checked((int)Math.Min(at + 12L + length, int.MaxValue));
            _ = file[..at];
            if (type.SequenceEqual("IEND"u8))
                return header;
        }
    }

    private static ImageHeader Jpeg(ReadOnlySpan<byte> file)
    {
        ImageHeader? header = null;
        for (int at = 2; ;)
        {
            int next = file[at..].IndexOf((byte)0xFF); // entropy-coded data and fill bytes lie between markers
            if (next < 0)
                throw new InvalidDataException("it ends early: the file is truncated");
            at += next + 1;
            byte marker = file.Slice(at, 1)[0];
            if (marker is 0x00 or 0x01 or 0xFF or >= 0xD0 and <= 0xD8) // stuffed byte, fill, restart
            {
                at += marker == 0xFF ? 0 : 1;
                continue;
            }
            if (marker == 0xD9)
                return header ?? throw new InvalidDataException("it has no frame header");
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 1)..]);
            if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
                header = new ImageHeader("jpeg", BinaryPrimitives.ReadUInt16BigEndian(file[(at + 6)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 4)..]));
            at += 1 + length;
        }
    }

    private static ImageHeader WebP(ReadOnlySpan<byte> file)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L > file.Length)
            throw new InvalidDataException("it ends early: the file is truncated");
        ReadOnlySpan<byte> chunk = file.Slice(12, 4), body = file[20..];
        if (chunk.SequenceEqual("VP8X"u8))
            return new("webp", 1 + (body[4..][0] | body[4..][1] << 8 | body[4..][2] << 16), 1 + (body[7..][0] | body[7..][1] << 8 | body.Slice(7, 3)[2] << 16));
        if (chunk.SequenceEqual("VP8L"u8))
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            return new("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF));
        }
        return new("webp", BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & 0x3FFF);
    }

    private static ImageHeader Gif(ReadOnlySpan<byte> file) =>
        file.TrimEnd((byte)0) is [.., 0x3B]
            ? new("gif", BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]))
            : throw new InvalidDataException("it ends early: the file is truncated");

    private static ImageHeader Bmp(ReadOnlySpan<byte> file)
    {
        bool core = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12;
        (long width, long height) = core
            ? (BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]))
            : ((long)BinaryPrimitives.ReadInt32LittleEndian(file[18..]), BinaryPrimitives.ReadInt32LittleEndian(file[22..]));
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(core ? 24 : 28)..]);
        uint compression = core ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        long needed = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]) + (compression is 0 or 3 ? (Math.Abs(width) * bits + 31) / 32 * 4 * Math.Abs(height) : 0);
        return needed <= file.Length ? new("bmp", Math.Abs(width), Math.Abs(height)) : throw new InvalidDataException("it ends early: the file is truncated");
    }
}
