using Roma.Core;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Reports;

/// <summary>Picks questions to look at and draws their pictures again from the seeds.</summary>
public static class SampleGallery
{
    /// <summary>
    /// Picks evenly spread samples, without looking at their results: clean, and one cell of each group of corruptions, at the middle severity, another corruption with each sample.
    /// </summary>
    /// <param name="suite">The benchmark.</param>
    /// <param name="corruptions">Its corruptions.</param>
    /// <param name="runs">Logs of this benchmark with the names of their runs.</param>
    /// <param name="count">How many samples at most.</param>
    public static IReadOnlyList<SampleCard> Pick(EvaluationSuite suite, CorruptionMatrix corruptions, IReadOnlyList<(string Name, ResultLog Log)> runs, int count = 6)
    {
        var runner = new SuiteRunner(suite, corruptions);
        List<(string Name, Dictionary<(int, Cell), ResultRecord> Records)> records = [.. runs.Select(r => (r.Name, r.Log.Records.ToDictionary(x => x.Key)))];
        int available = corruptions.Cells.Count > 0 ? suite.CellCount : suite.SampleCount;
        return [.. Enumerable.Range(0, Math.Min(count, available)).Select(i => Card(i, (int)((long)i * available / Math.Min(count, available))))];

        SampleCard Card(int place, int index)
        {
            Sample sample = suite.Data.Get(index);
            int severity = corruptions.Severities[corruptions.Severities.Count / 2];
            IEnumerable<Cell> cells = corruptions.Groups.Values.Where(g => g.Count > 0).Select(g => new Cell(g[place % g.Count], severity)).Prepend(Cell.Clean).Distinct();
            return new(sample.Id, sample.Question, sample.Answer, [.. cells.Select(cell => new SampleView(
                cell, runner.Prompt(sample, cell).Images,
                [.. records.Where(r => r.Records.ContainsKey((index, cell))).Select(r => (r.Name, r.Records[(index, cell)]))]))]);
        }
    }
}
