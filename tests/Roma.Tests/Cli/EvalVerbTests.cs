using Roma.Cli;
using Roma.Evaluation.Results;

namespace Roma.Tests.Cli;

/// <summary>An evaluation goes on only where what it asks, and whom, is the same.</summary>
public sealed class EvalVerbTests : IDisposable
{
    private readonly StringWriter _out = new(), _error = new();
    private readonly Terminal _terminal;
    private readonly OwnData _own = new();

    public EvalVerbTests() => _terminal = new Terminal(_out, _error);

    public void Dispose()
    {
        _terminal.Dispose();
        _own.Dispose();
    }

    [Fact]
    public void The_same_evaluation_is_taken_up()
    {
        Assert.True(Run() == Application.Done, $"{_error}");
        string[] before = File.ReadAllLines(Log);
        File.WriteAllLines(Log, before[..2]);
        File.WriteAllText(Path.Combine(_own.Model, "training_state.json"), "{}"); // a run that goes on writes it again
        Assert.True(Run() == Application.Done, $"{_error}");
        Assert.Equal(before, File.ReadAllLines(Log));
        Assert.Equal(3, ResultLog.Read(Log).Records.Count);
    }

    [Fact]
    public void Other_weights_in_the_same_folder_are_refused()
    {
        Assert.Equal(Application.Done, Run());
        _own.MakeModel(seed: 6);
        IsRefused(Run, "weights: ");
    }

    [Fact]
    public void Another_length_of_replies_is_refused()
    {
        Assert.Equal(Application.Done, Run());
        IsRefused(() => Run("--max-tokens", "16"), "max_tokens: 4 there, 16 now");
    }

    [Fact]
    public void Other_answers_in_the_data_are_refused()
    {
        Assert.Equal(Application.Done, Run());
        _own.Write(["1", "2", "4"]);
        IsRefused(Run, "data: ");
    }

    [Fact]
    public void A_reference_answer_that_the_rule_cannot_judge_by_is_refused_by_name()
    {
        _own.Write(["1", "3/4", "3"]);
        Assert.Equal(Application.UserFault, Run());
        Assert.Contains("The answer rule numeric cannot judge by the reference answers of 1 samples of own: 'own-1' has '3/4'.", $"{_error}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_picture_is_refused_by_name()
    {
        File.WriteAllBytes(_own.Picture, File.ReadAllBytes(_own.Picture)[..20]);
        Assert.Equal(Application.UserFault, Run());
        Assert.Contains("own-0", $"{_error}", StringComparison.Ordinal);
    }

    private string Log => Path.Combine(_own.Results, "results.jsonl");

    private void IsRefused(Func<int> run, string difference)
    {
        byte[] before = File.ReadAllBytes(Log);
        Assert.Equal(Application.UserFault, run());
        Assert.Contains(difference, $"{_error}", StringComparison.Ordinal);
        Assert.Contains("--out", $"{_error}", StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Log));
    }

    private int Run() => Run("--max-tokens", "4");

    private int Run(params string[] options) => Application.Run(["eval", _own.Suite, "--model", _own.Model, "--out", _own.Results, .. options], _terminal);
}
