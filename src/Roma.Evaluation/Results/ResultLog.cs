using System.Text.Json;
using Roma.Core;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>A result log in memory: its header and one record per question and cell. Where a failed question was asked again, the last line counts.</summary>
/// <param name="Header">The first line.</param>
/// <param name="Records">The other lines, in the order in which they were first asked.</param>
public sealed record ResultLog(ResultHeader Header, IReadOnlyList<ResultRecord> Records)
{
    /// <summary>Reads a log; a torn last line (without its newline) is left out.</summary>
    /// <param name="path">The file; it may be growing.</param>
    /// <exception cref="RomaException">The file is missing, is no result log, or has a broken line.</exception>
    public static ResultLog Read(string path) => TryRead(path) ?? throw new RomaException($"There is no result log {path}, or it has no complete line.", "Run the evaluation first.");

    /// <summary>The same, null for a file that does not exist or has no complete line.</summary>
    internal static ResultLog? TryRead(string path)
    {
        ResultHeader? header = null;
        var records = new OrderedDictionary<(int, Cell), ResultRecord>();
        int number = 0;
        foreach (string line in AppendLog.Read(path))
        {
            if (++number == 1)
                header = ParseHeader(line, path);
            else
            {
                ResultRecord record = Parse<ResultRecord>(line, path, number);
                records[record.Key] = record;
            }
        }
        return header is null ? null : new(header, [.. records.Values]);
    }

    private static ResultHeader ParseHeader(string line, string path) => line.StartsWith(ResultHeader.Start, StringComparison.Ordinal)
        ? Parse<ResultHeader>(line, path, 1)
        : throw new RomaException($"{path} is no result log of this version: its first line does not start with {ResultHeader.Start}.", "Name another file.");

    private static T Parse<T>(string line, string path, int number)
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
