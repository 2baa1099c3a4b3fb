using System.Buffers.Binary;
using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>PNG of every depth and colour type; an animation gives its still picture.</summary>
internal sealed class PngFormat : ImageFormat
{
    private const int Signature = 8, DepthAt = 24, ColourAt = 25, Gray = 0;

    public override string Name => "PNG";

    public override IReadOnlyList<string> Extensions => [".png", ".apng"];

    public override bool Claims(ReadOnlySpan<byte> file) => file is [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, ..];

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> exif = Chunk(file, "eXIf"u8);
        if (!file[12..].StartsWith("IHDR"u8))
            throw new InvalidDataException("its header is missing");
        if (file[DepthAt] is not (1 or 2 or 4 or 8 or 16))
            throw new InvalidDataException($"a depth of {file[DepthAt]} bits does not exist");
        return new(BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]), TiffDirectory.OrientationOf(exif));
    }

    /// <summary>OpenCV passes over the transparent level of gray pictures, and shows an animation's first frame even where it is not the still picture.</summary>
    public override RgbImage Decode(ReadOnlySpan<byte> file)
    {
        if (!Chunk(file, "acTL"u8).IsEmpty)
            file = Still(file);
        if (file[ColourAt] != Gray || Chunk(file, "tRNS"u8) is not { Length: 2 } transparent)
            return base.Decode(file);
        int depth = file[DepthAt], most = (1 << depth) - 1, level = BinaryPrimitives.ReadUInt16BigEndian(transparent) & most;
        return OpenCvDecoder.Decode(file, ImreadModes.Unchanged, depth < 8 ? level * 255 / most : level);
    }

    /// <summary>The file without the chunks of its animation.</summary>
    private static byte[] Still(ReadOnlySpan<byte> file)
    {
        var still = new MemoryStream(file.Length);
        still.Write(file[..Signature]);
        for (ReadOnlySpan<byte> rest = file[Signature..]; rest.Length > 0; rest = rest[Size(rest)..])
        {
            if (!rest[4..].StartsWith("acTL"u8) && !rest[4..].StartsWith("fcTL"u8) && !rest[4..].StartsWith("fdAT"u8))
                still.Write(rest[..Size(rest)]);
            if (rest[4..].StartsWith("IEND"u8))
                break;
        }
        return still.ToArray();
    }

    /// <summary>The data of the first chunk of a type, empty where there is none; the chunks are walked up to the last one.</summary>
    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> wanted)
    {
        ReadOnlySpan<byte> found = [];
        for (ReadOnlySpan<byte> rest = file[Signature..]; ; rest = rest[Size(rest)..])
        {
            ReadOnlySpan<byte> type = rest.Slice(4, 4), chunk = rest[..Size(rest)];
            if (found.IsEmpty && type.SequenceEqual(wanted))
                found = chunk[8..^4];
            if (type.SequenceEqual("IEND"u8))
                return found;
        }
    }

    /// <summary>The bytes of a chunk: length, type, data and checksum.</summary>
    private static int Size(ReadOnlySpan<byte> chunk) => (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(chunk) + 12L, int.MaxValue);
}
