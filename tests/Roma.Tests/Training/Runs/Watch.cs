using Roma.Core;

namespace Roma.Tests.Training.Runs;

/// <summary>Calls back after every unit of work: the place to interrupt a run or to make it fail.</summary>
internal sealed class Watch(Action<int> each) : IProgressSink, IProgressTask
{
    private int _done;

    public IProgressTask Start(string name, long total, string unit) => this;

    public void Advance(long units = 1) => each(_done += (int)units);

    public void Status(string text) { }

    public void Dispose() { }
}
