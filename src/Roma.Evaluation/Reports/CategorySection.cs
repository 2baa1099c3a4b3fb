using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>Accuracy by kind of question.</summary>
internal static class CategorySection
{
    public static Html Render(ReportModel model) => model.Runs.All(r => r.Categories.Count == 0) ? Html.Empty : HtmlReport.Section(
        "Categories", "Accuracy in percent by kind of question, with the number of questions.", Html.Each(model.Runs.Where(r => r.Categories.Count > 0), Table));

    private static Html Table(RunSummary run) => Html.Of($"""
        <details><summary>{run.Name}</summary><div class="scroll"><table><thead><tr><th>Category</th><th>clean</th>{Html.Each(run.Groups, g => Html.Of($"<th>{g.Name}</th>"))}</tr></thead>
        <tbody>{Html.Each(run.Categories, c => Html.Of($"<tr><th>{(c.Category.Length == 0 ? "(none)" : c.Category)}</th>{Cell(c.Clean)}{Html.Each(c.Groups, Cell)}</tr>"))}</tbody></table></div></details>
        """);

    private static Html Cell(Score score) => score.Total == 0 ? Html.Of($"<td>-</td>") : Html.Of($"<td>{Format.Percent(score.Accuracy.Value)}<small>of {score.Total}</small></td>");
}
