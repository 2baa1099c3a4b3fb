namespace Roma.Core;

/// <summary>A piece of work that reports its progress; its members may be called from any thread.</summary>
public interface IProgressTask : IDisposable
{
    /// <summary>Says that units were done.</summary>
    /// <param name="units">How many more.</param>
    void Advance(long units = 1);

    /// <summary>Says something about now, shown behind the bar.</summary>
    /// <param name="text">A few words: <c>loss 0.31</c>.</param>
    void Status(string text);
}
