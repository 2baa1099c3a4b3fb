using System.Buffers.Binary;
using System.Text;
using Roma.Training.Runs;

namespace Roma.Tests.Training.Runs;

/// <summary>Event files, read by a reader of its own.</summary>
public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_step_has_its_own_time_also_after_a_resume()
    {
        string metrics = _folder.File("metrics.jsonl");
        File.WriteAllText(metrics, """
            {"step":1,"total":0.5,"machine":{"seconds":2.5,"time":1700000000.25}}
            {"step":300,"total":0.25,"validation_clean":1,"nothing":"NaN","machine":{}}

            """.ReplaceLineEndings("\n"));
        var written = new DateTime(2024, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(metrics, written);
        double before = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        using (var log = new MetricsLog(metrics, _ => true))
        {
            var events = new EventLog(_folder.File("events"), log.Before);
            var line = new MetricsLine(301, [new("total", -1)], [new("seconds", 3)]);
            log.Write(line);
            events.Write(line);
        }
        Event[] read = Read();
        Assert.Equal("brain.Event:2", read[0].Version);
        Assert.Equal(1700000000.25, read[0].Time);
        Assert.Equal((1700000000.25, 1L), (read[1].Time, read[1].Step));
        Assert.Equal([("train/total", 0.5f), ("machine/seconds", 2.5f)], read[1].Scalars);
        Assert.Equal(((written - DateTime.UnixEpoch).TotalSeconds, 300L), (read[2].Time, read[2].Step));
        Assert.Equal([("train/total", 0.25f), ("validation/clean", 1f)], read[2].Scalars);
        Assert.Equal([("train/total", -1f), ("machine/seconds", 3f)], read[3].Scalars);
        Assert.InRange(read[3].Time, before - 1, before + 60);
        Assert.Equal(4, read.Length);

        using (var again = new MetricsLog(metrics, line => line.Step <= 301)) // the last step keeps its time
            _ = new EventLog(_folder.File("events"), again.Before);
        Assert.Equal(read.Select(e => (e.Step, e.Scalars.Length)), Read().Select(e => (e.Step, e.Scalars.Length)));
        Assert.Equal(read[3].Time, Read()[3].Time);
    }

    [Fact]
    public void Without_a_line_there_is_no_file()
    {
        var events = new EventLog(_folder.File("events"), []);
        Assert.False(Directory.Exists(_folder.File("events")));
        for (int step = 1; step <= 3; step++)
        {
            events.Write(new(step, [new("total", step)], []));
            Assert.Equal(step + 1, Read().Length); // at once: a killed run keeps it
        }
    }

    private sealed record Event(double Time, long Step, string? Version, (string, float)[] Scalars);

    private Event[] Read()
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder.File("events"), "*tfevents*")));
        var events = new List<Event>();
        while (file.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.Equal(Masked(file[..8]), BinaryPrimitives.ReadUInt32LittleEndian(file[8..]));
            ReadOnlySpan<byte> data = file.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file[(12 + length)..]));
            Dictionary<int, List<byte[]>> fields = Fields(data);
            (string, float)[] scalars = [.. fields.GetValueOrDefault(5, []).SelectMany(summary => Fields(summary).GetValueOrDefault(1, [])).Select(value => Fields(value))
                .Select(value => (Encoding.UTF8.GetString(value[1][0]), BinaryPrimitives.ReadSingleLittleEndian(value[2][0])))];
            events.Add(new(BinaryPrimitives.ReadDoubleLittleEndian(fields[1][0]), fields.TryGetValue(2, out List<byte[]>? step) ? BinaryPrimitives.ReadInt64LittleEndian(step[0]) : 0,
                fields.TryGetValue(3, out List<byte[]>? version) ? Encoding.UTF8.GetString(version[0]) : null, scalars));
            file = file[(16 + length)..];
        }
        return [.. events];
    }

    /// <summary>The fields of a message by number; a number as its 8 bytes.</summary>
    private static Dictionary<int, List<byte[]>> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new Dictionary<int, List<byte[]>>();
        for (int at = 0; at < message.Length;)
        {
            ulong key = Varint(message, ref at);
            byte[] value = new byte[8];
            if ((key & 7) == 0)
                BinaryPrimitives.WriteUInt64LittleEndian(value, Varint(message, ref at));
            else
            {
                int length = (key & 7) switch { 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => throw new InvalidDataException() };
                value = message.Slice(at, length).ToArray();
                at += length;
            }
            if (!fields.TryAdd((int)(key >> 3), [value]))
                fields[(int)(key >> 3)].Add(value);
        }
        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }
    }

    /// <summary>CRC-32C bit by bit (Castagnoli's polynomial 0x1edc6f41, reflected), masked as TFRecord files are.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ ((crc & 1) == 1 ? 0x82f63b78u : 0);
        }
        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }
}
