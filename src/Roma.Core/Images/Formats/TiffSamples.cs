using System.IO.Compression;

namespace Roma.Core.Formats;

/// <summary>Unpacks the strips or tiles of a TIFF.</summary>
internal static class TiffSamples
{
    private const int LzwClear = 256, LzwEnd = 257, LzwSize = 4096;

    /// <summary>The samples that matter, 8 bits each (palette indices as they are, other levels stretched to 0 to 255), row by row.</summary>
    public static byte[] Read(ReadOnlySpan<byte> file, TiffLayout layout)
    {
        (int width, int height, int kept) = ((int)layout.Width, (int)layout.Height, layout.Kept);
        byte[] samples = new byte[(long)width * height * kept];
        int stride = layout.IsPlanar ? 1 : (int)layout.SamplesPerPixel, planes = layout.IsPlanar ? kept : 1, perPlane = (int)(layout.Across * layout.Down);
        int rowBytes = (int)((layout.SegmentWidth * stride * layout.Bits + 7) / 8);
        byte[] unpacked = new byte[rowBytes * layout.SegmentHeight];
        for (int plane = 0; plane < planes; plane++)
        {
            for (int segment = 0; segment < perPlane; segment++)
            {
                int left = (int)(segment % layout.Across * layout.SegmentWidth), top = (int)(segment / layout.Across * layout.SegmentHeight);
                int columns = Math.Min((int)layout.SegmentWidth, width - left), rows = Math.Min((int)layout.SegmentHeight, height - top);
                (long offset, long length) = layout.Segments[plane * perPlane + segment];
                Span<byte> target = unpacked.AsSpan(0, rowBytes * rows);
                Unpack(file.Slice((int)offset, (int)length), target, layout.Compression);
                for (int y = 0; y < rows; y++)
                {
                    Span<byte> row = target.Slice(y * rowBytes, rowBytes);
                    if (layout.Predictor == 2)
                        Undo(row, stride, layout);
                    for (int x = 0; x < columns; x++)
                        for (int s = 0; s < (layout.IsPlanar ? 1 : kept); s++)
                            samples[((top + y) * width + left + x) * kept + plane + s] = Sample(row, x * stride + s, layout);
                }
            }
        }
        return samples;
    }

    private static byte Sample(ReadOnlySpan<byte> row, int i, TiffLayout layout)
    {
        switch (layout.Bits)
        {
            case 8:
                return row[i];
            case 16:
                return ImageFormat.Eight(Sixteen(row[(2 * i)..], layout.IsBigEndian));
            default:
                int bits = (int)layout.Bits, most = (1 << bits) - 1, value = row[i * bits / 8] >> 8 - bits - i * bits % 8 & most;
                return (byte)(layout.Photometric == TiffLayout.Palette ? value : value * 255 / most);
        }
    }

    private static int Sixteen(ReadOnlySpan<byte> bytes, bool isBigEndian) => isBigEndian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0];

    /// <summary>Each value was stored as its difference from the one to its left.</summary>
    private static void Undo(Span<byte> row, int stride, TiffLayout layout)
    {
        if (layout.Bits == 8)
        {
            for (int i = stride; i < row.Length; i++)
                row[i] += row[i - stride];
            return;
        }
        (int high, int low) = layout.IsBigEndian ? (0, 1) : (1, 0);
        for (int i = 2 * stride; i + 1 < row.Length; i += 2)
        {
            int value = Sixteen(row[i..], layout.IsBigEndian) + Sixteen(row[(i - 2 * stride)..], layout.IsBigEndian);
            (row[i + high], row[i + low]) = ((byte)(value >> 8), (byte)value);
        }
    }

    /// <summary>Fills the target.</summary>
    private static void Unpack(ReadOnlySpan<byte> data, Span<byte> target, long compression)
    {
        switch (compression)
        {
            case TiffLayout.Plain:
                data[..target.Length].CopyTo(target);
                break;
            case TiffLayout.PackBits:
                UnpackRuns(data, target);
                break;
            case TiffLayout.Lzw:
                UnpackLzw(data, target);
                break;
            default:
                Inflate(data, target);
                break;
        }
    }

    private static unsafe void Inflate(ReadOnlySpan<byte> data, Span<byte> target)
    {
        fixed (byte* start = data)
        {
            using var zlib = new ZLibStream(new UnmanagedMemoryStream(start, data.Length), CompressionMode.Decompress);
            try
            {
                zlib.ReadExactly(target);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException("its compressed data is damaged", e);
            }
        }
    }

    private static void UnpackRuns(ReadOnlySpan<byte> data, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int count = (sbyte)data[..1][0];
            int length = Math.Min(count == -128 ? 0 : 1 + Math.Abs(count), target.Length);
            if (count >= 0)
                data.Slice(1, length).CopyTo(target);
            else if (length > 0)
                target[..length].Fill(data.Slice(1, 1)[0]);
            data = data[(count >= 0 ? 1 + length : count == -128 ? 1 : 2)..];
            target = target[length..];
        }
    }

    /// <summary>Lempel-Ziv-Welch with codes of 9 to 12 bits, highest bit first, that grow one code early.</summary>
    private static void UnpackLzw(ReadOnlySpan<byte> data, Span<byte> target)
    {
        // Each string is a stretch of what was written: the string before it and one value more.
        Span<int> starts = stackalloc int[LzwSize], lengths = stackalloc int[LzwSize];
        int next = LzwEnd + 1, bits = 9, at = 0, previous = -1, written = 0, previousAt = 0;
        while (written < target.Length)
        {
            ReadOnlySpan<byte> window = data[(at / 8)..];
            int code = ((window[..1][0] << 16 | (window.Length > 1 ? window[1] << 8 : 0) | (window.Length > 2 ? window[2] : 0)) >> 24 - bits - at % 8) & (1 << bits) - 1;
            at += bits;
            if (code == LzwClear)
            {
                (next, bits, previous) = (LzwEnd + 1, 9, -1);
                continue;
            }
            if (code == LzwEnd || at > 8L * data.Length)
                throw new InvalidDataException("its picture ends early");
            int from, length, start = written;
            if (previous >= 0 && next < LzwSize)
                (starts[next], lengths[next]) = (previousAt, (previous < LzwClear ? 1 : lengths[previous]) + 1);
            if (code < LzwClear)
                (from, length) = (-1, 1);
            else if (previous >= 0 && code <= next && code < LzwSize && !(code == next && next == LzwSize))
                (from, length) = (starts[code], lengths[code]);
            else
                throw new InvalidDataException("its compressed data is damaged");
            if (from < 0)
                target[written++] = (byte)code;
            else
                for (int i = 0; i < length && written < target.Length; i++)
                    target[written++] = target[from + i];
            if (previous >= 0 && next < LzwSize && ++next + 1 == 1 << bits && bits < 12)
                bits++;
            (previous, previousAt) = (code, start);
        }
    }
}
