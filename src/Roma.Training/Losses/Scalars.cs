using System.Collections.Concurrent;
using TorchSharp;

namespace Roma.Training.Losses;

/// <summary>
/// Settings as TorchSharp scalars that live forever. A temporary one (<c>x * 0.5</c>) has a native handle that nothing keeps alive during the call: a collection on another
/// thread at that moment ends the process. For values that change use a 0-dimensional tensor.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Cache = new();

    public static Scalar Of(double value) => Cache.GetOrAdd(value, static v => v);
}
