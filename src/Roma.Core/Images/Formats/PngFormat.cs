using System.Buffers.Binary;
using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>PNG of every depth and colour type; an animation gives its still picture.</summary>
internal sealed class PngFormat : ImageFormat
{
    private const int DepthAt = 24, ColourAt = 25, Gray = 0;

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

    /// <summary>OpenCV passes over the transparent level of gray pictures.</summary>
    public override RgbImage Decode(ReadOnlySpan<byte> file)
    {
        if (file[ColourAt] != Gray || Chunk(file, "tRNS"u8) is not { Length: 2 } transparent)
            return base.Decode(file);
        int depth = file[DepthAt], most = (1 << depth) - 1, level = BinaryPrimitives.ReadUInt16BigEndian(transparent) & most;
        return OpenCvDecoder.Decode(file, ImreadModes.Unchanged, depth < 8 ? level * 255 / most : level);
    }

    /// <summary>The data of the first chunk of a type, empty where there is none; the chunks are walked up to the last one.</summary>
    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> wanted)
    {
        ReadOnlySpan<byte> found = [];
        for (ReadOnlySpan<byte> rest = file[8..]; ;)
        {
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(rest), int.MaxValue - 12);
            ReadOnlySpan<byte> type = rest.Slice(4, 4), data = rest.Slice(8, length);
            if (found.IsEmpty && type.SequenceEqual(wanted))
                found = data;
            rest = rest[(length + 12)..];
            if (type.SequenceEqual("IEND"u8))
                return found;
        }
    }
}
