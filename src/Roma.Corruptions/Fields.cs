using System.Buffers;

namespace Roma.Corruptions;

/// <summary>The random draws of one application, by name: all that a stochastic corruption depends on besides the picture. Disposing returns the memory.</summary>
public sealed class Fields : IDisposable
{
    private readonly Dictionary<string, (float[] Values, int Length)> _fields = [];

    /// <summary>The values of a field.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public ReadOnlySpan<float> this[string name] => _fields.TryGetValue(name, out (float[] Values, int Length) field)
        ? field.Values.AsSpan(0, field.Length)
        : throw new KeyNotFoundException($"There is no field '{name}' among {string.Join(", ", _fields.Keys)}.");

    /// <summary>Makes a field to be filled; its content is undefined until then.</summary>
    /// <param name="name">A new name.</param>
    /// <param name="length">How many values.</param>
    public Span<float> Add(string name, int length)
    {
        float[] values = ArrayPool<float>.Shared.Rent(length);
        _fields.Add(name, (values, length));
        return values.AsSpan(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((float[] values, _) in _fields.Values)
            ArrayPool<float>.Shared.Return(values);
        _fields.Clear();
    }
}
