using System.Buffers;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions;

/// <summary>
/// The random draws of one application, by name: all that a stochastic corruption depends on besides the picture. A large field is a stream: its values are made
/// when they are read, part by part, and never lie in memory as a whole. Disposing returns the memory.
/// </summary>
public sealed class Fields : IDisposable
{
    private readonly Dictionary<string, Field> _fields = [];

    private enum Law
    {
        Given,
        Uniform,
        Normal,
        Integer,
    }

    /// <summary>All values of a field.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public ReadOnlySpan<float> this[string name]
    {
        get
        {
            Field field = Find(name);
            if (field.Values is null)
            {
                float[] values = ArrayPool<float>.Shared.Rent(field.Length);
                Draw(field, 0, values.AsSpan(0, field.Length));
                _fields[name] = field = field with { Values = values };
            }
            return field.Values.AsSpan(0, field.Length);
        }
    }

    /// <summary>Whether there is such a field.</summary>
    /// <param name="name">Its name.</param>
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Makes a field to be filled; its content is undefined until then.</summary>
    /// <param name="name">A new name.</param>
    /// <param name="length">How many values.</param>
    public Span<float> Add(string name, int length)
    {
        float[] values = ArrayPool<float>.Shared.Rent(length);
        _fields.Add(name, new(length, Law.Given, values));
        return values.AsSpan(0, length);
    }

    /// <summary>Makes a stream of uniform values in [0, 1) with 24 random bits.</summary>
    /// <param name="name">A new name.</param>
    /// <param name="length">How many values.</param>
    /// <param name="random">Gives the stream's key: two draws.</param>
    public void AddUniform(string name, int length, CounterRandom random) => _fields.Add(name, new(length, Law.Uniform, Key: random.NextUInt64()));

    /// <summary>Makes a stream of standard normal values.</summary>
    /// <param name="name">A new name.</param>
    /// <param name="length">How many values.</param>
    /// <param name="random">Gives the stream's key: two draws.</param>
    public void AddNormal(string name, int length, CounterRandom random) => _fields.Add(name, new(length, Law.Normal, Key: random.NextUInt64()));

    /// <summary>Makes a stream of uniform integers.</summary>
    /// <param name="name">A new name.</param>
    /// <param name="length">How many values.</param>
    /// <param name="low">Lower bound, included.</param>
    /// <param name="high">Upper bound, excluded; at most 256 above <paramref name="low"/>.</param>
    /// <param name="random">Gives the stream's key: two draws.</param>
    public void AddIntegers(string name, int length, int low, int high, CounterRandom random) =>
        _fields.Add(name, new(length, Law.Integer, Key: random.NextUInt64(), Low: low, Count: high - low));

    /// <summary>Part of a field: memory of the field, or of the buffer, filled with the stream's values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">The first value; streams are fastest at multiples of 16.</param>
    /// <param name="buffer">As long as the part.</param>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public ReadOnlySpan<float> Read(string name, int start, Span<float> buffer)
    {
        Field field = Find(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, field.Length - buffer.Length);
        if (field.Values is { } values)
            return values.AsSpan(start, buffer.Length);
        Draw(field, start, buffer);
        return buffer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Field field in _fields.Values)
        {
            if (field.Values is { } values)
                ArrayPool<float>.Shared.Return(values);
        }
        _fields.Clear();
    }

    private Field Find(string name) => _fields.TryGetValue(name, out Field field) ? field : throw new KeyNotFoundException($"There is no field '{name}' among {string.Join(", ", _fields.Keys)}.");

    private static void Draw(Field field, int start, Span<float> values)
    {
        int before = start % Draws.Block;
        if (before > 0) // a block is drawn as a whole
        {
            Span<float> block = stackalloc float[Draws.Block];
            DrawBlocks(field, start - before, block);
            int head = Math.Min(values.Length, Draws.Block - before);
            block.Slice(before, head).CopyTo(values);
            start += head;
            values = values[head..];
        }
        if (values.Length > 0)
            DrawBlocks(field, start, values);
    }

    private static void DrawBlocks(Field field, int start, Span<float> values)
    {
        switch (field.Law)
        {
            case Law.Normal:
                Draws.Normal(field.Key, start, values);
                break;
            case Law.Integer:
                Draws.Integers(field.Key, start, values, field.Low, field.Count);
                break;
            default:
                Draws.Uniform(field.Key, start, values);
                break;
        }
    }

    private readonly record struct Field(int Length, Law Law, float[]? Values = null, ulong Key = 0, int Low = 0, int Count = 0);
}
