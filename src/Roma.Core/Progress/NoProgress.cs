namespace Roma.Core;

/// <summary>Shows nothing: for tests and for callers that do not care.</summary>
public sealed class NoProgress : IProgressSink, IProgressTask
{
    private NoProgress() { }

    /// <summary>The one instance.</summary>
    public static NoProgress Instance { get; } = new();

    /// <inheritdoc/>
    public IProgressTask Start(string name, long total, string unit, long done = 0) => this;

    /// <inheritdoc/>
    public void Advance(long units = 1) { }

    /// <inheritdoc/>
    public void Status(string text) { }

    /// <inheritdoc/>
    public void Dispose() { }
}
