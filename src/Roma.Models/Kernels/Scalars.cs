using System.Collections.Concurrent;
using TorchSharp;

namespace Roma.Models.Kernels;

/// <summary>
/// Settings as TorchSharp scalars that live forever. A temporary one (<c>x * 0.5</c>, but also <c>x + y</c>, <c>x.add_(y)</c> and <c>x.square()</c>, which make one inside) has a native handle
/// that nothing keeps alive during the call: a collection on another thread at that moment ends the process. For values that change use a 0-dimensional tensor.
/// </summary>
public static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Cache = new();

    /// <summary>1: the factor of the second summand in <c>x.add(y, Scalars.One)</c>.</summary>
    public static Scalar One { get; } = Of(1);

    /// <summary>A number.</summary>
    /// <param name="value">A setting or a constant: every number is kept.</param>
    public static Scalar Of(double value) => Cache.GetOrAdd(value, static v => v);
}
