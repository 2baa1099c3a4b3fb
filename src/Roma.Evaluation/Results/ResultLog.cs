using System.Text;
using System.Text.Json;
using Roma.Core;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>A result log in memory: its header and one record per question and cell. Where a failed question was asked again, the last line counts.</summary>
/// <param name="Header">The first line.</param>
/// <param name="Records">The other lines, ordered by sample and cell as they were first asked.</param>
public sealed record ResultLog(ResultHeader Header, IReadOnlyList<ResultRecord> Records)
{
    private const int LongestLine = 4 << 20;

    /// <summary>Reads a log; a torn last line (without its newline) is left out.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RomaException">The file is missing, is no result log, or has a broken line.</exception>
    public static ResultLog Read(string path)
    {
        if (!File.Exists(path))
            throw new RomaException($"There is no result log {path}.", "Run the evaluation first.");
        using FileStream file = File.OpenRead(path);
        return Read(file, path).Log ?? throw new RomaException($"{path} is no result log: it has no complete line.");
    }

    /// <summary>Reads the complete lines from a stream; also gives the position after the last one. The log is null where there is none.</summary>
    internal static (ResultLog? Log, long End) Read(Stream file, string path)
    {
        ResultHeader? header = null;
        var records = new OrderedDictionary<(int, Cell), ResultRecord>();
        (byte[] buffer, int filled, long end, int number) = (new byte[1 << 16], 0, 0, 0);
        while (true)
        {
            int read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
                return (header is null ? null : new(header, [.. records.Values]), end);
            int start = 0;
            for (int length; (length = buffer.AsSpan(start, filled + read - start).IndexOf((byte)'\n')) >= 0; start += length + 1, end += length + 1)
            {
                ReadOnlySpan<byte> line = buffer.AsSpan(start, length);
                number++;
                if (header is null)
                    header = ParseHeader(line, path);
                else
                {
                    ResultRecord record = Parse<ResultRecord>(line, path, number);
                    records[record.Key] = record;
                }
            }
            filled += read - start;
            buffer.AsSpan(start, filled).CopyTo(buffer);
            if (filled > LongestLine)
                throw new RomaException($"{path}, line {number + 1}: longer than {LongestLine >> 20} MiB.");
            if (filled == buffer.Length)
                Array.Resize(ref buffer, 2 * filled);
        }
    }

    private static ResultHeader ParseHeader(ReadOnlySpan<byte> line, string path)
    {
        if (!line.StartsWith(Encoding.UTF8.GetBytes($"{{\"format\":\"{ResultHeader.Current}\"")))
            throw new RomaException($"{path} is no result log of this version: its first line does not start with the format {ResultHeader.Current}.", "Name another file.");
        return Parse<ResultHeader>(line, path, 1);
    }

    private static T Parse<T>(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, ResultJson.Line) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new RomaException($"{path}, line {number}, is broken: {e.Message}", "Delete that line, or the file, and run the evaluation again.", e);
        }
    }
}
