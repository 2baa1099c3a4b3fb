using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using OpenCvSharp;

namespace Roma.Tests.Images;

/// <summary>Writes picture files of every kind byte by byte, so that what they hold is known without another library.</summary>
internal static class ImageFiles
{
    /// <summary>A PNG of the given scanlines, each with its filter byte in front.</summary>
    public static byte[] Png(int width, int height, byte depth, byte colour, byte[] rows, params (string Type, byte[] Data)[] chunks) => Png(width, height, depth, colour, false, rows, chunks);

    public static byte[] Png(int width, int height, byte depth, byte colour, bool interlaced, byte[] rows, params (string Type, byte[] Data)[] chunks)
    {
        byte[] header = [.. Big(width), .. Big(height), depth, colour, 0, 0, interlaced ? (byte)1 : (byte)0];
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8];
        foreach ((string type, byte[] data) in ((string, byte[])[])[("IHDR", header), .. chunks, ("IDAT", Deflate(rows)), ("IEND", [])])
        {
            byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
            png = [.. png, .. Big(data.Length), .. body, .. Big((int)Crc(body))];
        }
        return png;
    }

    /// <summary>A BMP with a 40-byte header; rows are padded to four bytes here.</summary>
    public static byte[] Bmp(int width, int height, short bits, byte[][] rows, byte[]? palette = null, int compression = 0, byte[]? masks = null)
    {
        byte[] data = [.. rows.SelectMany(row => row.Concat(compression is 1 or 2 ? [] : new byte[(4 - row.Length % 4) % 4]))];
        (palette, masks) = (palette ?? [], masks ?? []);
        int offset = 54 + palette.Length + masks.Length;
        return [(byte)'B', (byte)'M', .. Little(offset + data.Length), 0, 0, 0, 0, .. Little(offset), .. Little(40), .. Little(width), .. Little(height), 1, 0, .. Short(bits),
            .. Little(compression), .. Little(data.Length), .. Little(0), .. Little(0), .. Little(palette.Length / 4), .. Little(0), .. masks, .. palette, .. data];
    }

    /// <summary>A GIF of one frame at a place on its screen; codes are never compressed: the table is cleared before it grows.</summary>
    public static byte[] Gif(int screenWidth, int screenHeight, byte[] palette, (int Left, int Top, int Width, int Height) frame, byte[] indices, int? transparent = null, bool interlaced = false)
    {
        int bits = 1;
        while (3 << bits < palette.Length)
            bits++;
        Array.Resize(ref palette, 3 << bits);
        int least = Math.Max(2, bits), clear = 1 << least;
        var codes = new List<int>();
        foreach ((int i, byte index) in indices.Index())
        {
            if (i % (clear - 2) == 0)
                codes.Add(clear);
            codes.Add(index);
        }
        codes.Add(clear + 1);
        byte[] packed = new byte[(codes.Count * (least + 1) + 7) / 8];
        for (int i = 0; i < codes.Count; i++)
            for (int bit = 0; bit <= least; bit++)
                if ((codes[i] >> bit & 1) != 0)
                    packed[(i * (least + 1) + bit) / 8] |= (byte)(1 << (i * (least + 1) + bit) % 8);
        byte[] control = transparent is { } t ? [0x21, 0xF9, 4, 1, 0, 0, (byte)t, 0] : [];
        return [.. "GIF89a"u8, .. Short(screenWidth), .. Short(screenHeight), (byte)(0x80 | bits - 1), 0, 0, .. palette, .. control,
            0x2C, .. Short(frame.Left), .. Short(frame.Top), .. Short(frame.Width), .. Short(frame.Height), interlaced ? (byte)0x40 : (byte)0, (byte)least,
            .. packed.Chunk(255).SelectMany(chunk => chunk.Prepend((byte)chunk.Length)), 0, 0x3B];
    }

    /// <summary>A TIFF of one strip; a tag's values are written as SHORT, or as LONG where they do not fit.</summary>
    public static byte[] Tiff(int width, int height, byte[] strip, bool bigEndian = false, params (int Tag, int[] Values)[] tags)
    {
        (int Tag, int[] Values)[] all = [.. ((int Tag, int[] Values)[])[(256, [width]), (257, [height]), (273, [8]), (278, [height]), (279, [strip.Length]), .. tags]];
        all = [.. all.GroupBy(tag => tag.Tag).Select(group => group.Last()).OrderBy(tag => tag.Tag)];
        int directory = 8 + strip.Length + strip.Length % 2, extra = directory + 2 + 12 * all.Length + 4;
        byte[] S(int value) => bigEndian ? [(byte)(value >> 8), (byte)value] : Short(value);
        byte[] L(int value) => bigEndian ? Big(value) : Little(value);
        byte[] entries = [], behind = [];
        foreach ((int tag, int[] values) in all)
        {
            bool isLong = values.Any(value => value > 65535);
            byte[] data = [.. values.SelectMany(value => isLong ? L(value) : S(value))];
            byte[] field = data.Length <= 4 ? [.. data, .. new byte[4 - data.Length]] : L(extra + behind.Length);
            if (data.Length > 4)
                behind = [.. behind, .. data, .. new byte[data.Length % 2]];
            entries = [.. entries, .. S(tag), .. S(isLong ? 4 : 3), .. L(values.Length), .. field];
        }
        return [.. bigEndian ? "MM"u8 : "II"u8, .. S(42), .. L(directory), .. strip, .. new byte[strip.Length % 2], .. S(all.Length), .. entries, .. L(0), .. behind];
    }

    /// <summary>A baseline JPEG of 8x8 blocks of one colour each, in reading order: only the mean of a block is coded, with quantisation 1, so that it is exact.</summary>
    public static byte[] Jpeg(int blocksWide, int blocksHigh, byte[][] blocks, byte[]? adobe = null)
    {
        int components = blocks[0].Length;
        byte[] frame = [.. Enumerable.Range(1, components).SelectMany(c => new byte[] { (byte)c, 0x11, 0 })], scan = [.. Enumerable.Range(1, components).SelectMany(c => new byte[] { (byte)c, 0 })];
        // Twelve categories as four-bit codes; the only other code, one bit, ends a block.
        var bits = new List<int>();
        int[] before = new int[components];
        foreach (byte[] block in blocks)
        {
            for (int c = 0; c < components; c++)
            {
                int difference = 8 * (block[c] - 128) - before[c], size = 0;
                before[c] += difference;
                while (Math.Abs(difference) >> size != 0)
                    size++;
                Add(size, 4);
                Add(difference >= 0 ? difference : difference + (1 << size) - 1, size);
                Add(0, 1);
            }
        }
        while (bits.Count % 8 != 0)
            bits.Add(1);
        byte[] data = [.. bits.Chunk(8).Select(octet => (byte)octet.Aggregate(0, (value, bit) => value << 1 | bit)).SelectMany(value => value == 0xFF ? new byte[] { 0xFF, 0 } : [value])];
        return [0xFF, 0xD8, .. adobe is null ? [] : Segment(0xEE, adobe), .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
            .. Segment(0xC0, [8, (byte)(blocksHigh * 8 >> 8), (byte)(blocksHigh * 8), (byte)(blocksWide * 8 >> 8), (byte)(blocksWide * 8), (byte)components, .. frame]),
            .. Segment(0xC4, [0x00, 0, 0, 0, 12, .. new byte[12], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), .. Segment(0xC4, [0x10, 1, .. new byte[15], 0]),
            .. Segment(0xDA, [(byte)components, .. scan, 0, 63, 0]), .. data, 0xFF, 0xD9];

        void Add(int value, int count)
        {
            for (int bit = count - 1; bit >= 0; bit--)
                bits.Add(value >> bit & 1);
        }
    }

    /// <summary>A segment of a JPEG.</summary>
    public static byte[] Segment(byte marker, byte[] data) => [0xFF, marker, (byte)(data.Length + 2 >> 8), (byte)(data.Length + 2), .. data];

    /// <summary>The EXIF block that says an orientation.</summary>
    public static byte[] Exif(byte orientation) => [.. "MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0"u8, orientation, 0, 0, 0, 0, 0, 0];

    public static byte[] OpenCv(string extension, Mat mat, params int[] parameters)
    {
        Cv2.ImEncode(extension, mat, out byte[] bytes, parameters);
        return bytes;
    }

    public static byte[] Deflate(byte[] data)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
            zlib.Write(data);
        return packed.ToArray();
    }

    public static byte[] Big(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Little(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];

    public static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];

    public static uint Crc(byte[] data)
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
