using System.Buffers.Binary;
using System.Numerics;

namespace Roma.Training.Runs;

/// <summary>Records of a TensorBoard event file: a message of TensorFlow's event.proto, framed by its length and checksums.</summary>
internal static class TensorBoardRecord
{
    // Keys of protocol buffers: the field's number times 8, and 0 for a number, 1 for 8 bytes, 2 for bytes with their length before them, 5 for 4 bytes.
    private const byte WallTime = 8 + 1, Step = 16, FileVersion = 24 + 2, Summary = 40 + 2, Value = 8 + 2, Tag = 8 + 2, SimpleValue = 16 + 5;

    /// <summary>The first record of a file.</summary>
    /// <param name="time">Seconds since 1970.</param>
    public static byte[] Version(double time) => Framed(Message(writer =>
    {
        writer.Write(WallTime);
        writer.Write(time);
        writer.Write(FileVersion);
        writer.Write("brain.Event:2");
    }));

    /// <summary>Scalars of a step.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step.</param>
    /// <param name="scalars">Tags and values.</param>
    public static byte[] Scalars(double time, int step, IEnumerable<(string Tag, float Value)> scalars) => Framed(Message(writer =>
    {
        writer.Write(WallTime);
        writer.Write(time);
        writer.Write(Step);
        writer.Write7BitEncodedInt64(step);
        Write(writer, Summary, Message(summary =>
        {
            foreach ((string tag, float value) in scalars)
                Write(summary, Value, Message(scalar =>
                {
                    scalar.Write(Tag);
                    scalar.Write(tag);
                    scalar.Write(SimpleValue);
                    scalar.Write(value);
                }));
        }));
    }));

    private static void Write(BinaryWriter writer, byte key, byte[] message)
    {
        writer.Write(key);
        writer.Write7BitEncodedInt(message.Length);
        writer.Write(message);
    }

    private static byte[] Message(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }

    private static byte[] Framed(byte[] data)
    {
        byte[] record = new byte[12 + data.Length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Checksum(data));
        return record;
    }

    /// <summary>CRC-32C, turned and shifted as the format wants it, so that a checksum of checksums means something.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
