using Roma.Evaluation.Experiments;

namespace Roma.Evaluation.Reports;

/// <summary>Means over training seeds, and differences of methods with the same seeds.</summary>
internal static class ExperimentSection
{
    public static Html Render(ReportModel model)
    {
        if (model.Experiment is not { Runs.Count: > 0 } experiment)
            return Html.Empty;
        IReadOnlyList<ExperimentRow> differences = [.. (model.Contrasts ?? []).SelectMany(c => experiment.Differences(c.Method, c.Baseline))];
        return HtmlReport.Section(
            "Over training seeds",
            "Means over seeds with 95 % t intervals, which show how much training varies; differences are taken seed by seed, in points.",
            Html.Of($"{Table(experiment, experiment.Means(), isDifference: false)}{Html.If(differences.Count > 0, Html.Of($"<h3>Differences</h3>{Table(experiment, differences, isDifference: true)}"))}{Runs(experiment)}"));
    }

    private static Html Table(ExperimentSummary experiment, IReadOnlyList<ExperimentRow> rows, bool isDifference) => Html.Of($"""
        <div class="scroll"><table><thead><tr><th>Method</th><th>arm</th><th>seeds</th>{Html.Each(experiment.Groups(), g => Html.Of($"<th>{g}</th>"))}{Html.Each(experiment.Groups().Skip(1), g => Html.Of($"<th>retention, {g}</th>"))}<th>steps</th><th>time</th></tr></thead>
        <tbody>{Html.Each(rows, row => Html.Of($"<tr><th>{row.Method}{(row.Baseline is { } b ? $" \u2212 {b}" : "")}</th><td>{row.Arm}</td><td>{row.Scores.Values.First().Seeds}</td>{Html.Each(row.Scores.Values.Concat(row.Retention.Values), s => Cell(s, isDifference))}<td>{row.Steps:0}</td><td>{(isDifference ? $"{row.Seconds:+0.0;-0.0;0.0} s" : Format.Seconds(row.Seconds))}</td></tr>"))}</tbody></table></div>
        """);

    private static Html Cell(SeedMean mean, bool isDifference) => isDifference
        ? Html.Of($"<td><b>{Format.Points(mean.Mean)}</b><small>{Format.PointsInterval(mean.Interval)}</small></td>")
        : Html.Of($"<td><b>{Format.Percent(mean.Mean)}</b><small>{Format.Interval(mean.Interval)}</small></td>");

    private static Html Runs(ExperimentSummary experiment) => Html.Of($"""
        <details><summary>Every run</summary><div class="scroll"><table><thead><tr><th>Method</th><th>arm</th><th>seed</th>{Html.Each(experiment.Groups(), g => Html.Of($"<th>{g}</th>"))}<th>steps</th><th>time</th></tr></thead>
        <tbody>{Html.Each(experiment.Runs, run => Html.Of($"<tr><th>{run.Method}</th><td>{run.Arm}</td><td>{run.Seed}</td>{Html.Each(experiment.Groups(), g => Html.Of($"<td>{Format.Percent(run.Scores[g].Accuracy)}<small>{Format.Interval(new(run.Scores[g].Low, run.Scores[g].High))}</small></td>"))}<td>{run.Steps}</td><td>{Format.Seconds(run.Seconds)}</td></tr>"))}</tbody></table></div></details>
        """);
}
