namespace Roma.Corruptions.Operators;

/// <summary>A Huffman code of a JPEG file: codes of one length are consecutive numbers, in the order of their symbols.</summary>
internal sealed class JpegCode
{
    private const int MaxLength = 16, Fast = 9;
    private readonly ushort[] _fast = new ushort[1 << Fast]; // length and symbol of the code that some bits begin with; 0 where it is longer
    private readonly int[] _end = new int[MaxLength + 1], _offset = new int[MaxLength + 1]; // by length: the code after the last one, and symbol minus code
    private readonly byte[] _symbols;

    /// <summary>Reads a table: how many codes each length from 1 to 16 has, then the symbols.</summary>
    public JpegCode(ReadOnlySpan<byte> table)
    {
        int code = 0, count = 0;
        for (int length = 1; length <= MaxLength; length++)
        {
            _offset[length] = count - code;
            for (int i = 0; i < table[length - 1]; i++, code++, count++)
            {
                if (length <= Fast)
                    _fast.AsSpan(code << Fast - length, 1 << Fast - length).Fill((ushort)(length << 8 | table[MaxLength + count]));
            }
            _end[length] = code;
            code <<= 1;
        }
        _symbols = table.Slice(MaxLength, count).ToArray();
        Size = MaxLength + count;
    }

    /// <summary>How many bytes the table has.</summary>
    public int Size { get; }

    /// <summary>The next symbol; 0, which ends a block, where no code fits.</summary>
    public int Next(ref JpegBits bits)
    {
        int seen = bits.Peek(MaxLength), entry = _fast[seen >> MaxLength - Fast];
        if (entry != 0)
        {
            bits.Skip(entry >> 8);
            return entry & 255;
        }
        for (int length = Fast + 1; length <= MaxLength; length++)
        {
            int code = seen >> MaxLength - length;
            if (code >= _end[length])
                continue;
            bits.Skip(length);
            return _symbols[Math.Max(0, code + _offset[length])];
        }
        bits.Skip(MaxLength);
        return 0;
    }
}
