using Roma.Cli;

namespace Roma.Tests.Cli;

/// <summary>What a dry run says of answers and responses.</summary>
public sealed class TrainVerbTests : IDisposable
{
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;
    private readonly OwnData _own = new();

    public TrainVerbTests() => _terminal = new Terminal(_out, _error);

    public void Dispose()
    {
        _terminal.Dispose();
        _own.Dispose();
    }

    [Fact]
    public void Answers_that_the_rule_cannot_judge_by_are_counted()
    {
        Assert.True(DryRun() == Application.Done, $"{_error}");
        Assert.DoesNotContain("not judged", $"{_out}", StringComparison.Ordinal);
        _own.Write(["1", "3/4", "1, 2"]);
        Assert.Equal(Application.Done, DryRun());
        Assert.Contains("2 of 3 samples", $"{_out}", StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_none_of_which_the_rule_can_judge_by_are_refused()
    {
        _own.Write(["1/2", "3/4"]);
        Assert.Equal(Application.UserFault, DryRun());
        Assert.Contains("The answer rule numeric can judge by none of the reference answers of own", $"{_error}", StringComparison.Ordinal);
        Assert.Equal(Application.Done, DryRun("method=sft"));
    }

    [Fact]
    public void A_missing_response_is_refused_where_it_is_imitated()
    {
        _own.Write(["1", "2"], """, "response": " " """);
        Assert.Equal(Application.Done, DryRun("data.response=response"));
        Assert.Equal(Application.UserFault, DryRun("data.response=response", "method=sft"));
        Assert.Contains("2 of 2 samples of own cannot be asked", $"{_error}", StringComparison.Ordinal);
        Assert.Contains("has nothing in response to imitate", $"{_error}", StringComparison.Ordinal);
    }

    private int DryRun(params string[] overrides) => Application.Run(["train", _own.Recipe, .. overrides, "--dry-run", "--out", _own.Results], _terminal);
}
