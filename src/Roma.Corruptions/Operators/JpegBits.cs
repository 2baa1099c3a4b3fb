namespace Roma.Corruptions.Operators;

/// <summary>The bits of one stretch of entropy-coded JPEG data; past its end there are zeros.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;
    private ulong _bits;
    private int _count;

    /// <summary>Whether more bits were taken than there were.</summary>
    public bool Exhausted { get; private set; }

    /// <summary>The next bits without taking them, 1 to 16.</summary>
    public int Peek(int count)
    {
        while (_count < count)
        {
            _bits = _bits << 8 | Next();
            _count += 8;
        }
        return (int)(_bits >> _count - count) & (1 << count) - 1;
    }

    /// <summary>Takes bits that were seen.</summary>
    public void Skip(int count)
    {
        _count -= count;
        Exhausted |= _at > _data.Length + (_count >> 3); // bytes past the end that were made up and are in use
    }

    /// <summary>Takes a number of so many bits whose leading zero means that it is negative.</summary>
    public int Signed(int count)
    {
        if (count == 0)
            return 0;
        int value = Peek(count);
        Skip(count);
        return value >> count - 1 == 0 ? value - (1 << count) + 1 : value;
    }

    private byte Next()
    {
        if (_at >= _data.Length)
        {
            _at++;
            return 0;
        }
        byte value = _data[_at++];
        if (value == 0xFF && _at < _data.Length)
            _at++; // the zero that keeps it from being a marker
        return value;
    }
}
