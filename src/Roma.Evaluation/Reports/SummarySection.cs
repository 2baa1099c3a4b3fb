using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Reports;

/// <summary>The table everybody looks at first, and its intervals as a plot.</summary>
internal static class SummarySection
{
    private const double Left = 130, Width = 560, RowHeight = 16;

    public static Html Render(ReportModel model) => model.Runs.Count == 0 ? Html.Empty : HtmlReport.Section(
        "Accuracy",
        "Share of right answers with 95 % intervals: Wilson for clean; for a group of corruptions, which asks each sample under every cell, samples are taken as clusters. Retention is mean corrupted accuracy over clean accuracy.",
        Html.Of($"{Table(model)}{Plot(model)}"));

    private static Html Table(ReportModel model) => Html.Of($"""
        <div class="scroll"><table><thead><tr><th>Run</th><th>clean</th>{Html.Each(model.Groups, g => Html.Of($"<th>{g}</th>"))}{Html.Each(model.Groups, g => Html.Of($"<th>retention, {g}</th>"))}<th>worst cell</th><th>unparsed</th><th>truncated</th><th>failed</th></tr></thead>
        <tbody>{Html.Each(model.Runs, (run, i) => Row(model, run, i))}</tbody></table></div>
        """);

    private static Html Row(ReportModel model, RunSummary run, int index)
    {
        Score[] all = [run.Clean, .. run.Groups.Select(g => g.Score)];
        double asked = all.Sum(s => s.Total);
        return Html.Of($"""
            <tr><th class="run-{index % 6}"><span class="key"></span>{run.Name}{Html.If(!run.IsComplete, Html.Of($" <em class=\"warn\">incomplete: {run.Recorded} of {run.Header.Expected}</em>"))}</th>
            {Cell(run.Clean, run.Clean.Interval)}{Html.Each(model.Groups, g => Find(run, g) is { } group ? Cell(group.Score, group.Interval) : Html.Of($"<td>-</td>"))}
            {Html.Each(model.Groups, g => Html.Of($"<td>{(Find(run, g)?.Retention is { } r ? Format.Percent(r.Ratio) : "-")}</td>"))}
            <td>{(run.Worst is { } worst ? Html.Of($"{Format.Percent(worst.Score.Accuracy.Value)}<small>{worst.Cell}</small>") : Html.Of($"-"))}</td>
            <td>{Format.Percent(all.Sum(s => s.Unparsed) / asked)}</td><td>{Format.Percent(all.Sum(s => s.Truncated) / asked)}</td><td>{all.Sum(s => s.Failed)}</td></tr>
            """);
    }

    private static Html Cell(Score score, Interval interval) =>
        Html.Of($"<td><b>{Format.Percent(score.Accuracy.Value)}</b><small>{Format.Interval(interval)}</small><small>{score.Accuracy.Count} of {score.Total}</small></td>");

    private static GroupSummary? Find(RunSummary run, string group) => run.Groups.FirstOrDefault(g => g.Name == group);

    private static Html Plot(ReportModel model)
    {
        string[] rows = ["clean", .. model.Groups];
        double block = model.Runs.Count * RowHeight + 18, height = rows.Length * block + 26;
        return Html.Of($"""
            <svg class="plot" viewBox="0 0 {Left + Width + 30:0} {height:0}" role="img" aria-label="Accuracies with 95 % intervals">
            {Html.Each(Enumerable.Range(0, 11), t => Html.Of($"<line class=\"grid\" x1=\"{X(t / 10.0):0.##}\" x2=\"{X(t / 10.0):0.##}\" y1=\"4\" y2=\"{height - 22:0}\"/><text class=\"tick\" x=\"{X(t / 10.0):0.##}\" y=\"{height - 6:0}\">{10 * t} %</text>"))}
            {Html.Each(rows, (row, i) => Html.Of($"<text class=\"label\" x=\"{Left - 14:0}\" y=\"{i * block + 9 + model.Runs.Count * RowHeight / 2 + 4:0.#}\">{row}</text>{Html.Each(model.Runs, (run, r) => Whisker(run, row, r, i * block + 9 + (r + 0.5) * RowHeight))}"))}
            </svg>
            """);
    }

    private static Html Whisker(RunSummary run, string row, int index, double y)
    {
        GroupSummary? group = Find(run, row);
        if (group is null && row != "clean")
            return Html.Empty;
        (double value, Interval interval) = group is null ? (run.Clean.Accuracy.Value, run.Clean.Interval) : (group.Score.Accuracy.Value, group.Interval);
        if (double.IsNaN(value))
            return Html.Empty;
        Html bar = Html.If(double.IsFinite(interval.Low), Html.Of($"<line x1=\"{X(interval.Low):0.##}\" x2=\"{X(interval.High):0.##}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>"));
        return Html.Of($"<g class=\"run-{index % 6}\"><title>{run.Name}, {row}: {Format.Percent(value)} ({Format.Interval(interval)})</title>{bar}<circle cx=\"{X(value):0.##}\" cy=\"{y:0.#}\" r=\"4\"/></g>");
    }

    private static double X(double share) => Left + Width * Math.Clamp(share, 0, 1);
}
