using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>Corruption x severity: accuracies of each run and differences of each comparison.</summary>
internal static class HeatMapSection
{
    public static Html Render(ReportModel model)
    {
        IReadOnlyList<RunSummary> runs = [.. model.Runs.Where(r => r.Groups.Any(g => g.Cells.Count > 0))];
        return runs.Count == 0 ? Html.Empty : HtmlReport.Section(
            "Corruptions",
            "Accuracy in percent at each severity; in the maps of differences, points by which the first run is better (+) or worse, bold where McNemar's exact test shows a difference after Holm's adjustment over all cells of the map.",
            Html.Of($"<div class=\"maps\">{Html.Each(runs, Run)}{Html.Each(model.Comparisons ?? [], c => Differences(c, runs[0]))}</div>"));
    }

    private static Html Run(RunSummary run)
    {
        Dictionary<(string, int), CellScore> cells = run.Groups.SelectMany(g => g.Cells).DistinctBy(c => c.Cell).ToDictionary(c => (c.Cell.Corruption, c.Cell.Severity));
        return Map(run.Name, run, (corruption, severity) => cells.TryGetValue((corruption, severity), out CellScore? cell)
            ? Html.Of($"<td class=\"heat\" style=\"--v:{100 * cell.Score.Accuracy.Value:0}\" title=\"{cell.Cell}: {cell.Score.Accuracy.Count} of {cell.Score.Total}, {Format.Interval(cell.Score.Interval)} %\">{100 * cell.Score.Accuracy.Value:0}</td>")
            : Html.Of($"<td>-</td>"));
    }

    private static Html Differences(Comparison comparison, RunSummary layout)
    {
        Dictionary<(string, int), CellDifference> cells = comparison.Cells.ToDictionary(c => (c.Cell.Corruption, c.Cell.Severity));
        double scale = Math.Max(0.1, comparison.Cells.Select(c => Math.Abs(c.Counts.Difference)).DefaultIfEmpty().Max());
        return Map($"{comparison.Candidate} \u2212 {comparison.Baseline}", layout, (corruption, severity) =>
        {
            if (!cells.TryGetValue((corruption, severity), out CellDifference? cell))
                return Html.Of($"<td>-</td>");
            double d = cell.Counts.Difference;
            Html text = Html.Of($"{Format.Points(d)}");
            return Html.Of($"<td class=\"heat {(d < 0 ? "minus" : "plus")}\" style=\"--v:{100 * Math.Abs(d) / scale:0}\" title=\"{cell.Cell}: {cell.Counts.OnlyFirst} only {comparison.Candidate}, {cell.Counts.OnlySecond} only {comparison.Baseline}, p (Holm) {Format.P(cell.McNemarHolm)}\">{(cell.McNemarHolm <= 0.05 ? Html.Of($"<b>{text}</b>") : text)}</td>");
        });
    }

    private static Html Map(string title, RunSummary layout, Func<string, int, Html> cell) => Html.Of($"""
        <table class="map"><caption>{title}</caption><thead><tr><th></th>{Html.Each(layout.Header.Severities, s => Html.Of($"<th>{s}</th>"))}</tr></thead>
        {Html.Each(layout.Header.Groups, g => Html.Of($"<tbody><tr class=\"group\"><th colspan=\"{layout.Header.Severities.Count + 1}\">{g.Key}</th></tr>{Html.Each(g.Value, c => Html.Of($"<tr><th>{c}</th>{Html.Each(layout.Header.Severities, s => cell(c, s))}</tr>"))}</tbody>"))}
        </table>
        """);
}
