using System.Text;
using Roma.Core;

namespace Roma.Evaluation.Reports;

/// <summary>Writes a report as one HTML file that needs nothing else: styles, charts and pictures are inside, there are no scripts.</summary>
public static class HtmlReport
{
    private static readonly Lazy<Html> Style = new(() =>
    {
        using Stream css = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!;
        return new(new StreamReader(css, Encoding.UTF8).ReadToEnd());
    });

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="model">What to show.</param>
    /// <exception cref="RomaException">The file cannot be written.</exception>
    public static void Write(string path, ReportModel model) => AtomicFile.WriteText(path, Render(model));

    /// <summary>The document; it is well-formed XML too.</summary>
    /// <param name="model">What to show.</param>
    public static string Render(ReportModel model) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
        <title>{model.Title}</title>
        <style>{Style.Value}</style>
        </head>
        <body>
        <header><h1>{model.Title}</h1><p class="lead">{model.Introduction}</p></header>
        <main>
        {SummarySection.Render(model)}
        {ExperimentSection.Render(model)}
        {ComparisonSection.Render(model)}
        {CurveSection.Render(model)}
        {HeatMapSection.Render(model)}
        {CategorySection.Render(model)}
        {SampleSection.Render(model)}
        {RunSection.Render(model)}
        </main>
        </body>
        </html>

        """).Text;

    /// <summary>A section with its heading and a sentence on how to read it.</summary>
    internal static Html Section(string title, string reading, Html content) => Html.Of($"<section><h2>{title}</h2><p class=\"reading\">{reading}</p>{content}</section>\n");

    /// <summary>The colour key of the runs.</summary>
    internal static Html Legend(ReportModel model) => Html.Of(
        $"<ul class=\"legend\">{Html.Each(model.Runs, (run, i) => Html.Of($"<li class=\"run-{i % 6}\">{run.Name}</li>"))}</ul>");
}
