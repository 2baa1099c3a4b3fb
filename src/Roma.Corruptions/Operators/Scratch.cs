using System.Buffers;

namespace Roma.Corruptions.Operators;

/// <summary>Pooled memory for one call.</summary>
internal readonly struct Scratch<T>(int length) : IDisposable
{
    public T[] Array { get; } = ArrayPool<T>.Shared.Rent(length);

    public Span<T> Span => Array.AsSpan(0, length);

    public void Dispose() => ArrayPool<T>.Shared.Return(Array);
}
