using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// Where layers get the memory of their weights: uninitialised, so that no page is touched before weights are loaded or drawn, in the type and on the device that <see cref="Use"/> names for the
/// layers made in its scope.
/// </summary>
internal static class WeightMemory
{
    [ThreadStatic]
    private static (ScalarType Type, Device? Device)? _current;

    /// <summary>Sets the type and the device of the weights that this thread makes until the result is disposed.</summary>
    public static IDisposable Use(ScalarType type, Device? device)
    {
        var scope = new Scope(_current);
        _current = (type, device);
        return scope;
    }

    /// <summary>A weight that holds anything.</summary>
    public static Parameter Empty(params long[] shape) => new(empty(shape, dtype: _current?.Type ?? ScalarType.Float32, device: _current?.Device));

    private sealed class Scope((ScalarType Type, Device? Device)? before) : IDisposable
    {
        public void Dispose() => _current = before;
    }
}
