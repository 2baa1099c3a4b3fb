using Roma.Core;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;

namespace Roma.Tests.Evaluation;

/// <summary>Logs without a model: right with a given chance per cell, correlated over the cells of a sample.</summary>
internal static class SyntheticLog
{
    public static readonly OrderedDictionary<string, IReadOnlyList<string>> Groups = new() { ["seen"] = ["gaussian_noise", "blur"], ["unseen"] = ["fog", "contrast", "pixelate"] };

    public static ResultLog Make(string model, Func<Cell, double> accuracy, int samples = 200, int perCell = 80, int seed = 0, string settings = "0123456789abcdef")
    {
        var random = CounterRandom.Of("synthetic", model, seed);
        Cell[] cells = [Cell.Clean, .. Groups.Values.SelectMany(g => g).SelectMany(c => Enumerable.Range(1, 5).Select(s => new Cell(c, s)))];
        var records = new List<ResultRecord>();
        for (int i = 0; i < samples; i++)
        {
            double ease = random.NextDouble();
            foreach (Cell cell in i < perCell ? cells : [Cell.Clean])
            {
                bool right = (ease + random.NextDouble()) / 2 < accuracy(cell);
                records.Add(new(
                    i, $"s-{i}", i % 2 == 0 ? "sum" : "max", cell.Corruption, cell.Severity, 0, $"{i}", right ? $"={i}" : "=?", right ? $"{i}" : "?", right ? Verdict.Correct : Verdict.Incorrect,
                    ReplyStatus.Finished, 3));
            }
        }
        var header = new ResultHeader(
            ResultHeader.Current, model, "synthetic", 1, "none", 0, samples, perCell, Groups, [1, 2, 3, 4, 5], settings, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            new Dictionary<string, string> { ["method"] = model });
        return new(header, records);
    }

    /// <summary>A log with the records changed.</summary>
    public static ResultLog With(this ResultLog log, Func<ResultRecord, ResultRecord> change) => log with { Records = [.. log.Records.Select(change)] };
}
