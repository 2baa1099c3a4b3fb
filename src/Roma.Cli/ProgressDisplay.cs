using System.Globalization;
using Roma.Core;

namespace Roma.Cli;

/// <summary>
/// Shows work that takes longer than two seconds: one live line on a terminal, a plain line every five seconds elsewhere; with throughput, and with the time that is
/// left where the total is known.
/// </summary>
internal sealed class ProgressDisplay : IProgressSink, IDisposable
{
    private const int BarWidth = 24, WideEnough = 120; // columns from which a bar leaves room for what is said behind it
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), LiveInterval = TimeSpan.FromMilliseconds(200), PlainInterval = TimeSpan.FromSeconds(5);
    private readonly TextWriter _writer;
    private readonly bool _isLive;
    private readonly TimeProvider _time;
    private readonly Func<int> _width;
    private readonly List<Work> _open = [];
    private readonly ITimer _timer;
    private bool _isDrawn;

    public ProgressDisplay(TextWriter writer, bool isLive, TimeProvider time, Func<int>? width = null)
    {
        (_writer, _isLive, _time, _width) = (writer, isLive, time, width ?? WindowWidth);
        TimeSpan interval = isLive ? LiveInterval : PlainInterval;
        _timer = time.CreateTimer(_ => Draw(), null, interval, interval);
    }

    public IProgressTask Start(string name, long total, string unit, long done = 0)
    {
        lock (this)
        {
            var work = new Work(this, name, total, unit, done, isOutermost: _open.Count == 0);
            _open.Add(work);
            return work;
        }
    }

    /// <summary>Draws the state now.</summary>
    internal void Draw()
    {
        lock (this)
        {
            Work[] slow = [.. _open.Where(work => work.Elapsed >= Patience)];
            if (slow.Length == 0)
                return;
            if (!_isLive)
            {
                foreach (Work work in slow)
                    _writer.WriteLine(work.Line(bar: false));
                return;
            }
            int width = _width();
            string line = string.Join(" > ", slow[..^1].Select(work => work.Count).Append(slow[^1].Line(bar: width >= WideEnough)));
            _writer.Write($"\r{line[..Math.Min(line.Length, width - 1)]}\u001b[K");
            _isDrawn = true;
        }
    }

    /// <summary>Removes the live line, before something else is written.</summary>
    internal void Erase()
    {
        lock (this)
        {
            if (_isDrawn)
                _writer.Write("\r\u001b[K");
            _isDrawn = false;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Erase();
    }

    private void End(Work work)
    {
        lock (this)
        {
            if (!_open.Remove(work))
                return;
            Erase();
            if (work.IsOutermost && work.Elapsed >= Patience)
                _writer.WriteLine(work.Summary());
        }
    }

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private sealed class Work(ProgressDisplay display, string name, long total, string unit, long before, bool isOutermost) : IProgressTask
    {
        private readonly long _start = display._time.GetTimestamp();
        private long _done;
        private volatile string _status = "";

        public bool IsOutermost { get; } = isOutermost;

        public TimeSpan Elapsed => display._time.GetElapsedTime(_start);

        public string Count => total > 0 ? $"{name} {before + Done}/{total}" : $"{name} {before + Done}";

        private long Done => Interlocked.Read(ref _done);

        public void Advance(long units = 1) => Interlocked.Add(ref _done, units);

        public void Status(string text) => _status = text.ReplaceLineEndings(" ");

        public void Dispose() => display.End(this);

        public string Line(bool bar)
        {
            long done = Done;
            int filled = total > 0 ? (int)Math.Clamp(BarWidth * (before + done) / total, 0, BarWidth) : 0;
            string drawn = bar && total > 0 ? $" [{new string('=', filled)}{new string(' ', BarWidth - filled)}]" : "";
            string left = total > 0 && done > 0 ? $", {Clock(Elapsed / done * Math.Max(0, total - before - done))} left" : "";
            return $"{Count} {unit}{drawn} {Rate(done)}{left}{(_status.Length > 0 ? $", {_status}" : "")}";
        }

        public string Summary() => $"{name}: {Done} {unit} in {Clock(Elapsed)}, {Rate(Done)}{(_status.Length > 0 ? $", {_status}" : "")}";

        private string Rate(long done)
        {
            double rate = done / Math.Max(1e-9, Elapsed.TotalSeconds);
            return rate is 0 or >= 0.1 ? $"{rate.ToString(rate >= 100 ? "F0" : rate >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture)} {unit}/s"
                : $"{(rate * 60).ToString("F2", CultureInfo.InvariantCulture)} {unit}/min";
        }

        private static string Clock(TimeSpan span) => span.TotalHours >= 1 ? $"{(long)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}" : $"{span.Minutes}:{span.Seconds:00}";
    }
}
