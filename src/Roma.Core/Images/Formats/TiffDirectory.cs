using System.Buffers.Binary;

namespace Roma.Core.Formats;

/// <summary>The first directory of a TIFF structure, which EXIF is too: numbers by tag, in the byte order that the first two bytes say.</summary>
internal readonly ref struct TiffDirectory
{
    private const int OrientationTag = 274, EntrySize = 12;
    private readonly ReadOnlySpan<byte> _data, _entries;

    /// <exception cref="InvalidDataException">This is no TIFF structure.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It ends early.</exception>
    public TiffDirectory(ReadOnlySpan<byte> data)
    {
        _data = data;
        IsBigEndian = data is [(byte)'M', (byte)'M', ..];
        if (!IsBigEndian && data is not [(byte)'I', (byte)'I', ..] || Short(data[2..]) != 42)
            throw new InvalidDataException("its TIFF header is damaged");
        ReadOnlySpan<byte> directory = data[At(Long(data[4..]))..];
        _entries = directory.Slice(2, Short(directory) * EntrySize);
    }

    /// <summary>Whether the first byte of a number is its highest.</summary>
    public bool IsBigEndian { get; }

    /// <summary>How an EXIF block says that the picture is to be turned: 1 to 8; 1 where it is empty, damaged or silent.</summary>
    public static int OrientationOf(ReadOnlySpan<byte> exif)
    {
        try
        {
            return exif.IsEmpty ? 1 : new TiffDirectory(exif).Orientation;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException)
        {
            return 1;
        }
    }

    /// <summary>1 to 8; 1 where the directory does not say.</summary>
    public int Orientation => Get(OrientationTag, 1) is >= 1 and <= 8 and var orientation ? (int)orientation : 1;

    /// <summary>The first number of a tag.</summary>
    public long Get(int tag, long absent) => All(tag) is [var first, ..] ? first : absent;

    /// <summary>All numbers of a tag; none where it is absent.</summary>
    public long[] All(int tag)
    {
        for (ReadOnlySpan<byte> entry = _entries; entry.Length > 0; entry = entry[EntrySize..])
        {
            if (Short(entry) != tag)
                continue;
            int size = Short(entry[2..]) switch { 1 => 1, 3 => 2, 4 => 4, _ => throw new InvalidDataException($"its tag {tag} has an unexpected type") };
            uint count = Long(entry[4..]);
            ReadOnlySpan<byte> values = count * (ulong)size <= 4 ? entry[8..] : _data[At(Long(entry[8..]))..];
            values = values[..At((uint)Math.Min(count * (ulong)size, int.MaxValue))]; // before anything of that length is made
            long[] numbers = new long[count];
            for (int i = 0; i < numbers.Length; i++, values = values[size..])
                numbers[i] = size switch { 1 => values[0], 2 => Short(values), _ => Long(values) };
            return numbers;
        }
        return [];
    }

    /// <summary>A 16-bit number in this byte order.</summary>
    public int Short(ReadOnlySpan<byte> bytes) => IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint Long(ReadOnlySpan<byte> bytes) => IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static int At(uint offset) => (int)Math.Min(offset, int.MaxValue);
}
