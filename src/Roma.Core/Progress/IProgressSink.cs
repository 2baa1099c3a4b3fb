namespace Roma.Core;

/// <summary>Where long work says how far it is; the engine knows nothing of the terminal behind it.</summary>
public interface IProgressSink
{
    /// <summary>Starts a piece of work; disposing the task ends it. Pieces may be nested and may run side by side.</summary>
    /// <param name="name">A word or two: <c>rollouts</c>.</param>
    /// <param name="total">How many units there are; 0 where nobody knows.</param>
    /// <param name="unit">The unit in the plural: <c>samples</c>.</param>
    /// <param name="done">How many of these were done before, for example by a run that goes on.</param>
    IProgressTask Start(string name, long total, string unit, long done = 0);
}
