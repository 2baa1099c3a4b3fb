using System.Buffers.Binary;
using System.Numerics;

namespace Roma.Core.Formats;

/// <summary>BMP of 1 to 32 bits: palettes, runs (RLE), and bit masks with or without transparency. (OpenCV makes white of 15 and 16 bits gray, and reads other masks wrongly.)</summary>
internal sealed class BmpFormat : ImageFormat
{
    private const int FileHeader = 14, CoreHeader = 12, InfoHeader = 40, MaskedHeader = 52;
    private const uint None = 0, Rle8 = 1, Rle4 = 2, Masks = 3, AlphaMasks = 6;

    public override string Name => "BMP";

    public override IReadOnlyList<string> Extensions => [".bmp", ".dib"];

    public override bool Claims(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> file)
    {
        Layout layout = Read(file);
        if (!layout.IsRuns)
            _ = file.Slice(layout.Pixels, (int)Math.Min(layout.RowBytes * layout.Height, int.MaxValue));
        return new(layout.Width, layout.Height);
    }

    public override RgbImage Decode(ReadOnlySpan<byte> file)
    {
        Layout layout = Read(file);
        (int width, int height, int bits) = ((int)layout.Width, (int)layout.Height, layout.Bits);
        byte[]? runs = layout.IsRuns ? Runs(file[layout.Pixels..], width, height, bits) : null;
        Span<byte> palette = stackalloc byte[3 * 256]; // indices without a colour are black
        palette.Clear();
        for (int i = 0; bits <= 8 && i < layout.Colours; i++)
            if (file.Slice(layout.Palette + i * layout.Entry, 3) is [var b, var g, var r])
                (palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]) = (r, g, b);
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            Span<byte> target = image.Pixels.AsSpan(3 * width * (layout.IsTopDown ? y : height - 1 - y), 3 * width);
            ReadOnlySpan<byte> row = runs is null ? file.Slice(layout.Pixels + (int)layout.RowBytes * y, (int)layout.RowBytes) : runs.AsSpan(y * width, width);
            if (bits <= 8)
                Indexed(row, target, runs is null ? bits : 8, palette);
            else
                Direct(row, target, layout);
        }
        return image;
    }

    private static void Indexed(ReadOnlySpan<byte> row, Span<byte> target, int bits, ReadOnlySpan<byte> palette)
    {
        for (int x = 0; target.Length > 0; x++, target = target[3..])
            palette.Slice(3 * (row[x * bits / 8] >> 8 - bits - x * bits % 8 & (1 << bits) - 1), 3).CopyTo(target);
    }

    private static void Direct(ReadOnlySpan<byte> row, Span<byte> target, Layout layout)
    {
        int step = layout.Bits / 8;
        for (; target.Length > 0; row = row[step..], target = target[3..])
        {
            if (layout.Compression == None && step > 2)
            {
                (target[0], target[1], target[2]) = (row[2], row[1], row[0]);
                continue;
            }
            uint value = step == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(row) : BinaryPrimitives.ReadUInt32LittleEndian(row);
            int alpha = layout.Alpha == 0 ? byte.MaxValue : Level(value, layout.Alpha);
            (target[0], target[1], target[2]) = (OnWhite(Level(value, layout.Red), alpha), OnWhite(Level(value, layout.Green), alpha), OnWhite(Level(value, layout.Blue), alpha));
        }
    }

    private static Layout Read(ReadOnlySpan<byte> file)
    {
        uint Long(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        int Short(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        uint pixels = Long(file[10..]), header = Long(file[FileHeader..]);
        if (header == CoreHeader)
        {
            (int width, int height, int depth) = (Short(file[18..]), Short(file[20..]), Short(file[24..]));
            return Check(new(width, height, false, depth, None, Offset(pixels), FileHeader + CoreHeader, 3, 1 << Math.Min(depth, 8), 0xFF0000, 0xFF00, 0xFF, 0));
        }
        if (header is < InfoHeader or > 4096)
            throw new InvalidDataException("its header is damaged");
        int bits = Short(file[28..]), signedHeight = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        uint compression = Long(file[30..]), used = Long(file[46..]);
        (uint red, uint green, uint blue, uint alpha) = bits == 16 ? (0x7C00u, 0x3E0u, 0x1Fu, 0u) : (0xFF0000u, 0xFF00u, 0xFFu, 0u);
        int behind = FileHeader + (int)header;
        if (compression is Masks or AlphaMasks)
        {
            ReadOnlySpan<byte> masks = file[(FileHeader + InfoHeader)..]; // within a longer header, else behind it
            bool hasAlpha = compression == AlphaMasks || header > MaskedHeader;
            (red, green, blue, alpha) = (Long(masks), Long(masks[4..]), Long(masks[8..]), hasAlpha ? Long(masks[12..]) : 0);
            behind += header == InfoHeader ? hasAlpha ? 16 : 12 : 0;
        }
        return Check(new(BinaryPrimitives.ReadInt32LittleEndian(file[18..]), Math.Abs((long)signedHeight), signedHeight < 0, bits, compression, Offset(pixels), behind, 4,
            (int)Math.Min(used == 0 ? uint.MaxValue : used, 1u << Math.Min(bits, 8)), red, green, blue, alpha));
    }

    private static Layout Check(Layout layout) =>
        layout.Compression == None && layout.Bits is 1 or 2 or 4 or 8 or 16 or 24 or 32
        || layout.Compression == Rle8 && layout.Bits == 8 || layout.Compression == Rle4 && layout.Bits == 4 || layout.Compression is Masks or AlphaMasks && layout.Bits is 16 or 32
            ? layout : throw new InvalidDataException($"its {layout.Bits} bits with compression {layout.Compression} are not supported");

    private static int Offset(uint value) => (int)Math.Min(value, int.MaxValue);

    /// <summary>The bits of a value under a mask, stretched to 0 to 255.</summary>
    private static byte Level(uint value, uint mask)
    {
        if (mask == 0)
            return 0;
        int shift = BitOperations.TrailingZeroCount(mask);
        ulong most = mask >> shift;
        return (byte)((((value & mask) >> shift) * 255UL + most / 2) / most);
    }

    /// <summary>Palette indices, row by row from the bottom: runs of one value or a pair of nibbles, literal stretches, and jumps.</summary>
    private static byte[] Runs(ReadOnlySpan<byte> data, int width, int height, int bits)
    {
        byte[] indices = new byte[width * height];
        for (int x = 0, y = 0; ;)
        {
            (byte count, byte value) = (data[..1][0], data.Slice(1, 1)[0]);
            data = data[2..];
            if (count > 0)
            {
                for (int i = 0; i < count; i++)
                    Put(bits == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15);
            }
            else if (value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == 1)
            {
                return indices;
            }
            else if (value == 2)
            {
                (x, y) = (x + data[..1][0], y + data.Slice(1, 1)[0]);
                data = data[2..];
            }
            else
            {
                int length = bits == 8 ? value : (value + 1) / 2;
                ReadOnlySpan<byte> literal = data[..length];
                for (int i = 0; i < value; i++)
                    Put(bits == 8 ? literal[i] : i % 2 == 0 ? literal[i / 2] >> 4 : literal[i / 2] & 15);
                data = data[(length + length % 2)..];
            }

            void Put(int index)
            {
                if (x < width && y < height)
                    indices[y * width + x] = (byte)index;
                x++;
            }
        }
    }

    private sealed record Layout(
        long Width, long Height, bool IsTopDown, int Bits, uint Compression, int Pixels, int Palette, int Entry, int Colours, uint Red, uint Green, uint Blue, uint Alpha)
    {
        public bool IsRuns => Compression is Rle8 or Rle4;

        public long RowBytes => (Width * Bits + 31) / 32 * 4;
    }
}
