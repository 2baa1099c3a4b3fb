using System.Xml;
using System.Xml.Linq;
using Roma.Core;
using Roma.Corruptions;
using Roma.Evaluation.Reports;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;

namespace Roma.Tests.Evaluation;

public class HtmlReportTests
{
    private const string Hostile = "</dd><script>alert(1)</script>\" onload='x' &amp; \u0000\ud800\u202e ]]> <!-- ";

    private static ReportModel Full()
    {
        ResultLog grpo = SyntheticLog.Make("grpo", c => c.IsClean ? 0.85 : 0.65 - 0.09 * c.Severity), roma = SyntheticLog.Make("roma", c => c.IsClean ? 0.85 : 0.8 - 0.07 * c.Severity);
        grpo = grpo.With(r => r with { Reply = Hostile, Category = r.Index % 2 == 0 ? Hostile : "max" });
        grpo = grpo with { Header = grpo.Header with { Model = Hostile, Metadata = new Dictionary<string, string> { [Hostile] = Hostile } } };
        var suite = StrictYaml.Load<EvaluationSuite>(Path.Combine(AppContext.BaseDirectory, "eval-suites", "digit-grid.yaml"), ["samples=200", "samples_per_cell=80"]);
        var matrix = CorruptionMatrix.Of(suite, Catalogue.Default);
        using var folder = new TemporaryFolder();
        ResultLog real = new SuiteRunner(suite, matrix with { Groups = new Dictionary<string, IReadOnlyList<string>> { ["seen"] = ["gaussian_noise"] } })
            .Run(new FakeEndpoint(_ => FakeEndpoint.Text(Hostile)), folder.File("results.jsonl"));
        var model = new ReportModel(
            $"Digit grid {Hostile}", "Synthetic.", [RunSummary.Of(grpo), RunSummary.Of(roma)], [Comparison.Of(grpo, roma)],
            SampleGallery.Pick(suite, matrix, [("fake", real)], 3), ExperimentSummaryTests.Make(), [("roma", "grpo")]);
        return model;
    }

    [Fact]
    public void AFullReportIsWellFormedSelfContainedAndEscaped()
    {
        ReportModel model = Full();
        string html = HtmlReport.Render(model);
        if (Environment.GetEnvironmentVariable("ROMA_KEEP_REPORT") is { } keep)
            HtmlReport.Write(keep, model);
        XElement root = Parse(html);

        Assert.DoesNotContain(root.Descendants(), e => e.Name.LocalName is "script" or "link" or "iframe" or "object");
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(root.Descendants().Attributes("src").Concat(root.Descendants().Attributes("href")), a => Assert.StartsWith("data:image/png;base64,", a.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("http:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
        Assert.Contains(root.Descendants("bdi"), e => e.Value.StartsWith("</dd><script>", StringComparison.Ordinal));

        string[] headings = [.. root.Descendants("h2").Select(h => h.Value)];
        Assert.Equal(["Accuracy", "Over training seeds", "Paired comparisons", "Severity", "Corruptions", "Categories", "Samples", "What was run"], headings);
        Assert.Equal(2 * 25 + 25, root.Descendants("td").Count(d => ((string?)d.Attribute("class"))?.StartsWith("heat", StringComparison.Ordinal) == true));
        Assert.Equal(3 * 3, root.Descendants("img").Count());
        byte[] png = Convert.FromBase64String(root.Descendants("img").First().Attribute("src")!.Value.Split(',')[1]);
        Assert.Equal((64, 64), (ImageCodec.Decode(png, "png").Width, ImageCodec.Decode(png, "png").Height));
    }

    [Fact]
    public void EmptyAndUnfinishedRunsHaveReportsToo()
    {
        Parse(HtmlReport.Render(new("Nothing", "", [])));
        ResultLog log = SyntheticLog.Make("m", _ => 0.5);
        foreach (int records in new[] { 0, 1, 2, 10, 500 })
        {
            ResultLog part = log with { Records = [.. log.Records.Take(records)] };
            string text = Parse(HtmlReport.Render(new("Part", "", [RunSummary.Of(part)], [Comparison.Of(part, part)]))).Value;
            Assert.Contains($"incomplete: {records} of {log.Header.Expected}", text, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheNumbersOfTheLogStandInTheReport()
    {
        ResultLog log = SyntheticLog.Make("m", c => c.IsClean ? 0.8 : 0.5);
        RunSummary summary = RunSummary.Of(log);
        string text = Parse(HtmlReport.Render(new("T", "", [summary]))).Value;
        Assert.Contains($"{summary.Clean.Accuracy.Count} of 200", text, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"{100 * summary.Groups[1].Interval.Low:0.0} to {100 * summary.Groups[1].Interval.High:0.0}"), text, StringComparison.Ordinal);
    }

    private static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, CheckCharacters = true });
        return XDocument.Load(reader).Root!;
    }
}
