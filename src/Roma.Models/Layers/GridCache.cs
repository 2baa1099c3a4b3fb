using Roma.Models.Processing;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>Keeps what a vision tower derives from a list of grids: training meets the same sizes again and again. Each thread keeps its own: none disposes what another is using.</summary>
/// <param name="make">Derives it.</param>
internal sealed class GridCache<T>(Func<IReadOnlyList<Grid>, Device, T> make) where T : IDisposable
{
    private const int Capacity = 64;
    private readonly ThreadLocal<Dictionary<string, T>> _known = new(() => []);

    /// <summary>Looks a list of grids up, or derives what belongs to it.</summary>
    public T Of(IReadOnlyList<Grid> grids, Device device)
    {
        Dictionary<string, T> own = _known.Value!;
        string key = string.Join(';', grids) + device;
        if (own.TryGetValue(key, out T? known))
            return known;
        if (own.Count >= Capacity)
        {
            foreach (T old in own.Values)
                old.Dispose();
            own.Clear();
        }
        return own[key] = make(grids, device);
    }
}
