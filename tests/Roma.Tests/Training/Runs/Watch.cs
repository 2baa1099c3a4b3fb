using Roma.Core;

namespace Roma.Tests.Training.Runs;

/// <summary>Calls back after every step of a run, and not for the work within one: the place to interrupt a run or to make it fail.</summary>
internal sealed class Watch(Action<int> each) : IProgressSink, IProgressTask
{
    private int _done;
    private bool _isOpen;

    public IProgressTask Start(string name, long total, string unit, long done = 0)
    {
        if (_isOpen)
            return NoProgress.Instance;
        _isOpen = true;
        return this;
    }

    public void Advance(long units = 1) => each(_done += (int)units);

    public void Status(string text) { }

    public void Dispose() => _isOpen = false;
}
