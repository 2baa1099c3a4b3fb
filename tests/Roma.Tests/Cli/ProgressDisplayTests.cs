using Roma.Cli;
using Roma.Core;

namespace Roma.Tests.Cli;

public class ProgressDisplayTests
{
    private readonly StringWriter _writer = new();
    private readonly Clock _clock = new();

    [Fact]
    public void Short_work_shows_nothing()
    {
        using var display = new ProgressDisplay(_writer, isLive: false, _clock);
        using (IProgressTask task = display.Start("load", 3, "files"))
        {
            task.Advance(3);
            _clock.Seconds = 1.9;
            display.Draw();
        }
        Assert.Empty(_writer.ToString());
    }

    [Fact]
    public void Plain_lines_tell_count_throughput_and_time_left()
    {
        using var display = new ProgressDisplay(_writer, isLive: false, _clock);
        using (IProgressTask task = display.Start("train", 100, "steps"))
        {
            task.Advance(25);
            task.Status("loss 0.5");
            _clock.Seconds = 10;
            display.Draw();
            task.Advance(75);
            _clock.Seconds = 40;
        }
        Assert.Equal("train 25/100 steps 2.50 steps/s, 0:30 left, loss 0.5\ntrain: 100 steps in 0:40, 2.50 steps/s, loss 0.5\n", _writer.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_terminal_gets_one_line_that_is_redrawn_and_removed()
    {
        var display = new ProgressDisplay(_writer, isLive: true, _clock, () => 120);
        IProgressTask outer = display.Start("train", 4, "steps"), inner = display.Start("rollouts", 0, "samples");
        outer.Advance();
        inner.Advance(3);
        _clock.Seconds = 3700;
        display.Draw();
        Assert.Equal("\rtrain 1/4 > rollouts 3 samples 0.05 samples/min\u001b[K", _writer.ToString());
        inner.Dispose();
        display.Draw();
        Assert.EndsWith("\rtrain 1/4 steps [======                  ] 0.02 steps/min, 3:05:00 left\u001b[K", _writer.ToString(), StringComparison.Ordinal);
        outer.Dispose();
        outer.Dispose();
        display.Dispose();
        Assert.EndsWith("\r\u001b[Ktrain: 1 steps in 1:01:40, 0.02 steps/min" + Environment.NewLine, _writer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_terminal_shows_no_bar_but_what_is_said_behind_it()
    {
        using var display = new ProgressDisplay(_writer, isLive: true, _clock, () => 80);
        using IProgressTask task = display.Start("roma", 550, "steps");
        task.Advance(100);
        task.Status("reward 0.912, loss 0.123, grad 0.45, clean 99.0 %");
        _clock.Seconds = 25;
        display.Draw();
        Assert.Equal("\rroma 100/550 steps 4.00 steps/s, 1:52 left, reward 0.912, loss 0.123, grad 0.45\u001b[K", _writer.ToString());
    }

    [Fact]
    public void What_was_done_before_counts_and_gives_no_speed()
    {
        using var display = new ProgressDisplay(_writer, isLive: false, _clock);
        using (IProgressTask task = display.Start("train", 100, "steps", done: 50))
        {
            task.Advance(25);
            _clock.Seconds = 10;
            display.Draw();
        }
        Assert.Equal("train 75/100 steps 2.50 steps/s, 0:10 left\ntrain: 25 steps in 0:10, 2.50 steps/s\n", _writer.ToString().ReplaceLineEndings("\n"));
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
