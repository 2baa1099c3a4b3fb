using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>Paired verdicts.</summary>
internal static class ComparisonSection
{
    public static Html Render(ReportModel model) => model.Comparisons is not { Count: > 0 } comparisons ? Html.Empty : HtmlReport.Section(
        "Paired comparisons",
        "Both runs answered the same questions. Differences are in points, with 95 % t intervals that take the samples as clusters; the verdict uses their p-value, adjusted by Holm over the rows of a comparison. McNemar's exact test and Newcombe's interval take every pair as independent, which holds for clean only.",
        Html.Each(comparisons, Table));

    private static Html Table(Comparison comparison) => Html.Of($"""
        <h3>{comparison.Candidate} against {comparison.Baseline}</h3>
        <div class="scroll"><table><thead><tr><th>On</th><th>{comparison.Candidate}</th><th>{comparison.Baseline}</th><th>difference</th><th>p (Holm)</th><th>only {comparison.Candidate} right</th><th>only {comparison.Baseline} right</th><th>McNemar p (Holm)</th><th>Newcombe</th><th>verdict</th></tr></thead>
        <tbody>{Html.Each(comparison.Verdicts, Row)}</tbody></table></div>
        """);

    private static Html Row(PairedVerdict verdict)
    {
        (string kind, string words) = !verdict.IsSignificant ? ("open", "no difference shown") : verdict.Counts.Difference > 0 ? ("better", "better") : ("worse", "worse");
        return Html.Of($"""
            <tr><th>{verdict.Group}</th><td>{Format.Percent(verdict.Counts.First.Value)}</td><td>{Format.Percent(verdict.Counts.Second.Value)}</td>
            <td><b>{Format.Points(verdict.Counts.Difference)}</b><small>{Format.PointsInterval(verdict.Interval)}</small></td>
            <td title="{verdict.ClusteredHolm:R}">{Format.P(verdict.ClusteredHolm)}</td><td>{verdict.Counts.OnlyFirst}</td><td>{verdict.Counts.OnlySecond}</td>
            <td title="{verdict.McNemarHolm:R}">{Format.P(verdict.McNemarHolm)}</td><td><small>{Format.PointsInterval(verdict.Newcombe)}</small></td><td><span class="badge {kind}">{words}</span></td></tr>
            """);
    }
}
