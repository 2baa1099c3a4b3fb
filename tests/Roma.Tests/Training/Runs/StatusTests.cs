using Roma.Core;

namespace Roma.Tests.Training.Runs;

[Collection(nameof(TinyRuns))]
public class StatusTests(TinyRuns runs)
{
    [Fact]
    public void The_last_line_shows_the_last_validation_and_a_run_that_goes_on_counts_from_where_it_stood()
    {
        var first = new LastStatus();
        runs.Run("status", runs.Settings("grpo", 2) with { Validation = TinyRuns.Validation }, first);
        Assert.Matches("^reward [01]\\.[0-9]{3}, loss .*, clean [0-9.]+ %", first.Text);
        var second = new LastStatus();
        runs.Run("status", runs.Settings("grpo", 3) with { Validation = TinyRuns.Validation }, second);
        Assert.Equal((0, 2, 2, 3), (first.Before, first.Total, second.Before, second.Total));
    }

    [Fact]
    public void Imitation_measures_no_reward()
    {
        var shown = new LastStatus();
        runs.Run("imitation", runs.Settings("sft", 1), shown);
        Assert.StartsWith("loss ", shown.Text, StringComparison.Ordinal);
        string line = Assert.Single(runs.Metrics("imitation"));
        Assert.Contains("\"response_tokens\":", line, StringComparison.Ordinal);
        foreach (string name in new[] { "reward", "accuracy", "gate_rate", "groups_without_contrast", "truncated_rate" })
            Assert.DoesNotContain($"\"{name}\":", line, StringComparison.Ordinal);
    }

    /// <summary>Keeps what the outermost work says.</summary>
    private sealed class LastStatus : IProgressSink, IProgressTask
    {
        private bool _isOpen;

        public string Text { get; private set; } = "";

        public long Total { get; private set; }

        public long Before { get; private set; }

        public IProgressTask Start(string name, long total, string unit, long done = 0)
        {
            if (_isOpen)
                return NoProgress.Instance;
            (_isOpen, Total, Before) = (true, total, done);
            return this;
        }

        public void Advance(long units = 1) { }

        public void Status(string text) => Text = text;

        public void Dispose() => _isOpen = false;
    }
}
