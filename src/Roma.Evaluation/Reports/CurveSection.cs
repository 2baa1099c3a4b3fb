using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Reports;

/// <summary>Accuracy against severity: one chart a group, then one a corruption.</summary>
internal static class CurveSection
{
    private const double Left = 34, Top = 10, Width = 236, Height = 130;

    private readonly record struct Point(int Severity, double Value, Interval Interval);

    public static Html Render(ReportModel model)
    {
        List<(string Group, IReadOnlyList<string> Corruptions)> groups = [.. model.Groups.Select(g => (g, (IReadOnlyList<string>)[.. model.Runs
            .SelectMany(r => r.Groups.Where(x => x.Name == g)).SelectMany(x => x.Cells).Select(c => c.Cell.Corruption).Distinct()]))];
        return groups.All(g => g.Corruptions.Count == 0) ? Html.Empty : HtmlReport.Section(
            "Severity", "Accuracy from clean pictures (0) to severity 5. Bands are 95 % intervals.",
            Html.Of($"{HtmlReport.Legend(model)}{Html.Each(groups, g => Group(model, g.Group, g.Corruptions))}"));
    }

    private static Html Group(ReportModel model, string group, IReadOnlyList<string> corruptions) => Html.Of($"""
        <h3>{group}</h3><div class="charts">
        {Chart(model, $"all of {group}", run => Of(run, group)?.Severities.Select(s => new Point(s.Key, s.Value.Mean, s.Value.ShareInterval())))}
        {Html.Each(corruptions, c => Chart(model, c, run => Of(run, group)?.Cells.Where(x => x.Cell.Corruption == c).Select(x => new Point(x.Cell.Severity, x.Score.Accuracy.Value, x.Score.Interval))))}
        </div>
        """);

    private static GroupSummary? Of(RunSummary run, string group) => run.Groups.FirstOrDefault(g => g.Name == group);

    private static Html Chart(ReportModel model, string title, Func<RunSummary, IEnumerable<Point>?> points) => Html.Of($"""
        <figure><figcaption>{title}</figcaption><svg viewBox="0 0 {Left + Width + 10:0} {Top + Height + 22:0}" role="img" aria-label="Accuracy by severity: {title}">
        {Html.Each(Enumerable.Range(0, 5), t => Html.Of($"<line class=\"grid\" x1=\"{Left:0}\" x2=\"{Left + Width:0}\" y1=\"{Y(t / 4.0):0.##}\" y2=\"{Y(t / 4.0):0.##}\"/><text class=\"label\" x=\"{Left - 6:0}\" y=\"{Y(t / 4.0) + 4:0.##}\">{25 * t}</text>"))}
        {Html.Each(Enumerable.Range(0, 6), s => Html.Of($"<text class=\"tick\" x=\"{X(s):0.##}\" y=\"{Top + Height + 16:0}\">{s}</text>"))}
        {Html.Each(model.Runs, (run, i) => Line(run, i, points(run)))}
        </svg></figure>
        """);

    private static Html Line(RunSummary run, int index, IEnumerable<Point>? corrupted)
    {
        Point[] points = [.. (corrupted ?? []).Prepend(new(0, run.Clean.Accuracy.Value, run.Clean.Interval)).Where(p => double.IsFinite(p.Value))];
        if (points.Length < 2)
            return Html.Empty;
        Point[] banded = [.. points.Where(p => double.IsFinite(p.Interval.Low))];
        string band = string.Join(' ', banded.Select(p => At(p.Severity, p.Interval.High)).Concat(banded.Reverse().Select(p => At(p.Severity, p.Interval.Low))));
        return Html.Of($"""
            <g class="run-{index % 6}"><polygon class="band" points="{band}"/><polyline points="{string.Join(' ', points.Select(p => At(p.Severity, p.Value)))}"/>
            {Html.Each(points, p => Html.Of($"<circle cx=\"{X(p.Severity):0.##}\" cy=\"{Y(p.Value):0.##}\" r=\"2.5\"><title>{run.Name}, severity {p.Severity}: {Format.Percent(p.Value)} ({Format.Interval(p.Interval)})</title></circle>"))}</g>
            """);
    }

    private static string At(int severity, double share) => FormattableString.Invariant($"{X(severity):0.##},{Y(share):0.##}");

    private static double X(int severity) => Left + Width * (severity + 0.2) / 5.4;

    private static double Y(double share) => Top + Height * (1 - Math.Clamp(share, 0, 1));
}
