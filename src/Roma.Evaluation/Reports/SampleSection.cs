using Roma.Core;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>Questions side by side: clean and corrupted pictures with what each run replied.</summary>
internal static class SampleSection
{
    public static Html Render(ReportModel model) => model.Samples is not { Count: > 0 } samples ? Html.Empty : HtmlReport.Section(
        "Samples", "Some questions as the models saw them, picked without regard to the replies.", Html.Each(samples, Card));

    private static Html Card(SampleCard card) => Html.Of($"""
        <article><h3><bdi>{Format.Clip(card.Question)}</bdi></h3><p class="reading">Answer: <b><bdi>{Format.Clip(card.Answer)}</bdi></b> <small>{card.Id}</small></p><div class="views">{Html.Each(card.Views, View)}</div></article>
        """);

    private static Html View(SampleView view) => Html.Of($"""
        <figure>{Html.Each(view.Images, image => Html.Of($"<img alt=\"{view.Cell}\" src=\"data:image/png;base64,{Convert.ToBase64String(ImageCodec.EncodePng(image))}\"/>"))}<figcaption>{view.Cell}</figcaption>
        <dl>{Html.Each(view.Replies, r => Html.Of($"<dt>{r.Run}</dt><dd><bdi>{Format.Clip(r.Record.Reply)}</bdi> {Badge(r.Record)}</dd>"))}</dl></figure>
        """);

    private static Html Badge(ResultRecord record)
    {
        string kind = record.Verdict switch { Verdict.Correct => "better", Verdict.Incorrect => "worse", _ => "open" };
        string words = record.Verdict switch { Verdict.Correct => "right", Verdict.Incorrect => "wrong", _ => "unparsed" };
        return Html.Of($"<span class=\"badge {kind}\">{words}</span>{Html.If(record.Status != Endpoints.ReplyStatus.Finished, Html.Of($" <span class=\"badge open\">{$"{record.Status}".ToLowerInvariant()}</span>"))}");
    }
}
