using System.Diagnostics;

namespace Roma.Training.Runs;

/// <summary>Seconds by stage of one step.</summary>
public sealed class StageTimers
{
    private readonly OrderedDictionary<string, double> _seconds = [];

    /// <summary>Seconds of each stage so far.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Adds the stages of work that was done side by side: those of the piece that took longest.</summary>
    /// <param name="pieces">The timers of each piece.</param>
    public void AddLongest(IEnumerable<StageTimers> pieces)
    {
        foreach ((string stage, double seconds) in pieces.MaxBy(piece => piece.Seconds.Values.Sum())!.Seconds)
            _seconds[stage] = _seconds.GetValueOrDefault(stage) + seconds;
    }

    /// <summary>Runs a stage and adds its time.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="work">The stage.</param>
    /// <typeparam name="T">What it makes.</typeparam>
    public T Time<T>(string stage, Func<T> work)
    {
        long start = Stopwatch.GetTimestamp();
        T result = work();
        _seconds[stage] = _seconds.GetValueOrDefault(stage) + Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    /// <summary>Runs a stage and adds its time.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="work">The stage.</param>
    public void Time(string stage, Action work) => Time(stage, () =>
    {
        work();
        return 0;
    });
}
