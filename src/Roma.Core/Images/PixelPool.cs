using System.Collections.Concurrent;

namespace Roma.Core;

/// <summary>
/// Keeps returned pixel arrays by their exact length, since the pixels of a picture have no slack; a dataset's many sizes cannot pile up, as what would exceed the
/// bound lets go of all that was kept.
/// </summary>
internal static class PixelPool
{
    private const long MaxBytes = 256L << 20;
    private static readonly ConcurrentDictionary<int, ConcurrentQueue<byte[]>> Kept = [];
    private static long _bytes;

    /// <summary>An array of undefined content.</summary>
    public static byte[] Rent(int length)
    {
        if (!Kept.TryGetValue(length, out ConcurrentQueue<byte[]>? queue) || !queue.TryDequeue(out byte[]? array))
            return GC.AllocateUninitializedArray<byte>(length);
        Interlocked.Add(ref _bytes, -length);
        return array;
    }

    /// <summary>Takes an array back; nobody else may hold it.</summary>
    public static void Return(byte[] array)
    {
        if (Interlocked.Add(ref _bytes, array.Length) > MaxBytes)
            Clear();
        if (array.Length <= MaxBytes / 2)
            Kept.GetOrAdd(array.Length, _ => new()).Enqueue(array);
        else
            Interlocked.Add(ref _bytes, -array.Length);
    }

    private static void Clear()
    {
        foreach (int length in Kept.Keys)
        {
            if (Kept.TryRemove(length, out ConcurrentQueue<byte[]>? queue))
                Interlocked.Add(ref _bytes, -queue.Count * (long)length);
        }
    }
}
