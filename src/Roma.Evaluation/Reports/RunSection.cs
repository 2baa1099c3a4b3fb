using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>What was run, to the last setting.</summary>
internal static class RunSection
{
    public static Html Render(ReportModel model) => model.Runs.Count == 0 ? Html.Empty : HtmlReport.Section(
        "What was run", "From the header of each result log. Logs with the same settings code asked exactly the same questions.", Html.Each(model.Runs, Details));

    private static Html Details(RunSummary run)
    {
        ResultHeader h = run.Header;
        (string, string)[] facts =
        [
            ("model", h.Model), ("benchmark", $"{h.Suite}, version {h.Version}"), ("data", h.Data), ("samples", $"{h.Samples} clean, {h.SamplesPerCell} per corruption and severity"),
            .. h.Groups.Select(g => (g.Key, string.Join(", ", g.Value))), ("severities", string.Join(", ", h.Severities)), ("seed", $"{h.Seed}"), ("settings", h.Settings),
            ("started", h.Started.ToString("u", System.Globalization.CultureInfo.InvariantCulture)), .. h.Metadata.Select(m => (m.Key, m.Value)),
        ];
        return Html.Of($"<details><summary>{run.Name}</summary><dl class=\"facts\">{Html.Each(facts, f => Html.Of($"<dt>{f.Item1}</dt><dd>{f.Item2}</dd>"))}</dl></details>");
    }
}
