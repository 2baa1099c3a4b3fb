using System.Text.Json;
using System.Text.Json.Serialization;
using Roma.Cli;
using Roma.Core;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;

namespace Roma.Tests.Cli;

public sealed class CompareVerbTests : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;

    public CompareVerbTests() => _terminal = new Terminal(_out, _error);

    public void Dispose()
    {
        _terminal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Compares_two_logs_and_writes_a_report()
    {
        Log("a.jsonl", "A", right: 40);
        Log("b.jsonl", "B", right: 70);
        Assert.Equal((Application.Done, ""), (Run("compare", _folder.File("a.jsonl"), _folder.File("b.jsonl"), "--out", _folder.File("r.html")), _error.ToString()));
        Assert.Contains("40.0", _out.ToString(), StringComparison.Ordinal);
        Assert.Contains("+30.0", _out.ToString(), StringComparison.Ordinal);
        Assert.Contains("< 0.0001 *", _out.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_folder.File("r.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_what_does_not_pair()
    {
        Log("a.jsonl", "A", right: 40);
        Log("b.jsonl", "B", right: 40, settings: "other");
        Assert.Equal(Application.UserFault, Run("compare", _folder.File("a.jsonl"), _folder.File("b.jsonl")));
        Assert.Contains("do not pair", _error.ToString(), StringComparison.Ordinal);
        Log("c.jsonl", "C", right: 40, dataHash: "12");
        Log("d.jsonl", "D", right: 40, dataHash: "34");
        Assert.Equal(Application.UserFault, Run("compare", _folder.File("c.jsonl"), _folder.File("d.jsonl")));
        Assert.Contains("C and D were asked different data: sums had the SHA-256 12 and 34.", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Application.Done, Run("compare", _folder.File("a.jsonl"), _folder.File("c.jsonl"))); // an older log does not tell
        Assert.Equal(Application.UserFault, Run("compare", _folder.File("a.jsonl"), "--names", "x", "y"));
        Assert.Contains("--names gives 2 names for 1 logs", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Application.UserFault, Run("compare", _folder.File("a.jsonl"), "--suite", "eval-suites/digitgrid.yaml", "--out", _folder.File("r.html")));
        Assert.Contains("did you mean 'eval-suites/digit-grid.yaml'?", _error.ToString().Replace('\\', '/'), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("r.html")));
    }

    private int Run(params string[] line) => Application.Run(line, _terminal);

    private void Log(string name, string model, int right, string settings = "same", string? dataHash = null)
    {
        using var log = new AppendLog(_folder.File(name));
        log.Append(JsonSerializer.Serialize(new ResultHeader(
            ResultHeader.Current, model, "sums", 1, "sums", 0, 100, 0, new Dictionary<string, IReadOnlyList<string>>(), [], settings, DateTime.UnixEpoch, new Dictionary<string, string>(), dataHash), Json));
        for (int i = 0; i < 100; i++)
            log.Append(JsonSerializer.Serialize(new ResultRecord(i, $"{i}", "", "", 0, 0, "1", "1", "1", i < right ? Verdict.Correct : Verdict.Incorrect, ReplyStatus.Finished, 1), Json));
    }
}
