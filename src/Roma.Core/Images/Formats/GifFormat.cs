using System.Buffers.Binary;

namespace Roma.Core.Formats;

/// <summary>GIF: the first frame, on white where it is transparent or does not cover its screen. (OpenCV fills both from a neighbouring pixel.)</summary>
internal sealed class GifFormat : ImageFormat
{
    private const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B, GraphicControl = 0xF9;
    private const int ScreenSize = 13, LongestCode = 12;

    public override string Name => "GIF";

    public override IReadOnlyList<string> Extensions => [".gif"];

    public override bool Claims(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        Frame frame = First(file);
        return new(frame.ScreenWidth, frame.ScreenHeight);
    }

    public override RgbImage Decode(ReadOnlySpan<byte> file)
    {
        Frame frame = First(file);
        var image = new RgbImage(frame.ScreenWidth, frame.ScreenHeight);
        image.Pixels.AsSpan().Fill(byte.MaxValue);
        byte[] indices = new byte[frame.Width * frame.Height];
        Unpack(file[frame.Data..], indices);
        ReadOnlySpan<byte> palette = file.Slice(frame.Palette, frame.Colours * 3), row = indices;
        for (int i = 0; i < frame.Height; i++, row = row[frame.Width..])
        {
            Span<byte> target = image.Pixels.AsSpan(3 * ((frame.Top + (frame.IsInterlaced ? Interlaced(i, frame.Height) : i)) * image.Width + frame.Left));
            for (int x = 0; x < frame.Width; x++)
                if (row[x] != frame.Transparent && row[x] < frame.Colours)
                    palette.Slice(3 * row[x], 3).CopyTo(target[(3 * x)..]);
        }
        return image;
    }

    /// <summary>Walks all blocks to the trailer and describes the first frame.</summary>
    private static Frame First(ReadOnlySpan<byte> file)
    {
        (int global, int globalColours) = (ScreenSize, Colours(file[10]));
        int at = ScreenSize + 3 * globalColours, transparent = -1;
        Frame? first = null;
        for (; ; at = AfterBlocks(file, at))
        {
            byte kind = file.Slice(at++, 1)[0];
            if (kind == Trailer)
                return first ?? throw new InvalidDataException("it holds no picture");
            if (kind == Extension)
            {
                if (first is null && file.Slice(at, 6) is [GraphicControl, 4, var flags, _, _, var index])
                    transparent = (flags & 1) != 0 ? index : -1;
                at++;
                continue;
            }
            if (kind != Image)
                throw new InvalidDataException("its blocks are damaged");
            ReadOnlySpan<byte> header = file.Slice(at, 9);
            int Short(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            (int left, int top, int width, int height) = (Short(header), Short(header[2..]), Short(header[4..]), Short(header[6..]));
            int local = Colours(header[8]);
            first ??= new(Math.Max(Short(file[6..]), left + width), Math.Max(Short(file[8..]), top + height), left, top, width, height, (header[8] & 0x40) != 0,
                local > 0 ? at + 9 : global, local > 0 ? local : globalColours, transparent, at + 9 + 3 * local);
            at += 10 + 3 * local;
        }
    }

    private static int Colours(byte flags) => (flags & 0x80) != 0 ? 2 << (flags & 7) : 0;

    private static int AfterBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (file.Slice(at, 1)[0] is > 0 and var length)
            at += 1 + length;
        return at + 1;
    }

    /// <summary>The place of the i-th stored row: every eighth, those between, every fourth between these, the rest.</summary>
    private static int Interlaced(int i, int height)
    {
        foreach ((int start, int step) in ((int, int)[])[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            int rows = (height - start + step - 1) / step;
            if (i < rows)
                return start + i * step;
            i -= rows;
        }
        return 0;
    }

    /// <summary>Lempel-Ziv-Welch with codes of growing length, lowest bit first, in blocks of up to 255 bytes.</summary>
    private static void Unpack(ReadOnlySpan<byte> data, Span<byte> target)
    {
        int least = data[0];
        if (least is < 1 or > 8)
            throw new InvalidDataException("its code size is damaged");
        data = data[1..];
        int clear = 1 << least, end = clear + 1, next = end + 1, length = least + 1, previous = -1, bits = 0, buffer = 0, block = 0;
        Span<ushort> prefix = stackalloc ushort[1 << LongestCode];
        Span<byte> suffix = stackalloc byte[1 << LongestCode], stack = stackalloc byte[(1 << LongestCode) + 1];
        while (target.Length > 0)
        {
            for (; bits < length; bits += 8, block--, data = data[1..])
            {
                if (block == 0)
                {
                    block = data[..1][0];
                    data = data[1..];
                    if (block == 0)
                        throw new InvalidDataException("its picture ends early");
                }
                buffer |= data[..1][0] << bits;
            }
            int code = buffer & (1 << length) - 1;
            (buffer, bits) = (buffer >> length, bits - length);
            if (code == clear)
            {
                (next, length, previous) = (end + 1, least + 1, -1);
                continue;
            }
            if (code == end)
                throw new InvalidDataException("its picture ends early");
            if (previous < 0 ? code > end : code > next)
                throw new InvalidDataException("its compressed data is damaged");
            bool isNext = code == next; // the string before, followed by its own first value
            int depth = isNext ? 1 : 0, walk = isNext ? previous : code;
            for (; walk >= clear; walk = prefix[walk])
                stack[depth++] = suffix[walk];
            byte first = (byte)walk;
            if (isNext)
                stack[0] = first;
            if (previous >= 0 && next < 1 << LongestCode)
            {
                (prefix[next], suffix[next]) = ((ushort)previous, first);
                if (++next == 1 << length && length < LongestCode)
                    length++;
            }
            previous = code;
            target[0] = first;
            for (target = target[1..]; depth > 0 && target.Length > 0; target = target[1..])
                target[0] = stack[--depth];
        }
    }

    /// <summary>Where the first frame lies, in pixels and in the file.</summary>
    private readonly record struct Frame(
        int ScreenWidth, int ScreenHeight, int Left, int Top, int Width, int Height, bool IsInterlaced, int Palette, int Colours, int Transparent, int Data);
}
