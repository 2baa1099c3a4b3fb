using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Roma.Data.Tables;

namespace Roma.Tests.Data.Tables;

/// <summary>Miniature benchmark files in the schemas of the field, read as its harnesses read them, and copied with other pictures.</summary>
[Trait("Category", "Golden")]
public sealed class BenchmarkFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files()
    {
        string list = Path.Combine(Golden.Root, "scoring/files/expected.json");
        return File.Exists(list) ? new(JsonNode.Parse(File.ReadAllText(list))!.AsObject().Select(entry => entry.Key)) : Golden.Files("scoring", "files/expected.json");
    }

    public void Dispose() => _folder.Dispose();

    [SkippableTheory, MemberData(nameof(Files))]
    public void HoldsTheSamePicturesAndAnswers(string file)
    {
        Skip.If(file.StartsWith("absent", StringComparison.Ordinal), "No golden set.");
        string path = Golden.PathOf($"scoring/files/{file}");
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Golden.PathOf("scoring/files/expected.json")))![file]!;
        IReadOnlyList<string> columns = TableFormat.Of(path).Columns(path);
        string? any = columns.FirstOrDefault(); // where a benchmark has no column of the usual names
        var data = new TablePlan(path, null, columns.Intersect(["problem", "question", "query"]).FirstOrDefault() ?? any, columns.Contains("answer") ? "answer" : any, "{question}", null, null, null, null);
        Assert.Equal((long)expected["rows_in_file"]!, data.Rows.Count);
        TableRow[] rows = [.. data.Rows.Where(row => !path.EndsWith(".tsv", StringComparison.Ordinal) || row.Images.Length > 0)]; // the peer drops rows of its TSV files without a picture
        JsonArray wanted = expected["rows"]!.AsArray();
        Assert.Equal(wanted.Count, rows.Length);
        foreach ((JsonNode? want, TableRow row) in wanted.Zip(rows))
        {
            Assert.Equal(want!["images"]!.AsArray().Select(hash => (string)hash!).Order(), row.Images.Select(place => Convert.ToHexStringLower(SHA256.HashData(data.Pictures.Get(place)))[..16]).Order());
            if (path.EndsWith(".tsv", StringComparison.Ordinal) && want["answer"] is JsonValue answer && answer.TryGetValue(out string? text))
                Assert.Equal(text, row.Answer);
        }
    }

    [SkippableTheory, MemberData(nameof(Files))]
    public void IsCopiedWithOtherPicturesAndNothingElse(string file)
    {
        Skip.If(file.StartsWith("absent", StringComparison.Ordinal), "No golden set.");
        string path = Golden.PathOf($"scoring/files/{file}"), copy = _folder.File(file);
        static byte[] Change(byte[] bytes) => [.. bytes, 1, 2, 3]; // a PNG ends before its end
        TableRewrite.Write(path, copy, (_, bytes) => Change(bytes), () => { }, new ParallelOptions());
        if (path.EndsWith(".parquet", StringComparison.Ordinal))
        {
            TableRewriteTests.AssertSame(path, copy, Change);
            return;
        }
        TableRewrite.Write(copy, _folder.File("back.tsv"), (_, bytes) => bytes[..^3], () => { }, new ParallelOptions());
        Assert.NotEqual(File.ReadAllText(path), File.ReadAllText(copy));
        Assert.Equal(File.ReadAllText(path), File.ReadAllText(_folder.File("back.tsv")));
    }
}
