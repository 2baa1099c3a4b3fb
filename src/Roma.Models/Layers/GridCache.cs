using Roma.Models.Processing;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>Keeps what a vision tower derives from a list of grids: training meets the same sizes again and again.</summary>
/// <param name="make">Derives it.</param>
internal sealed class GridCache<T>(Func<IReadOnlyList<Grid>, Device, T> make) where T : IDisposable
{
    private const int Capacity = 16;
    private readonly Dictionary<string, T> _known = [];

    /// <summary>Looks a list of grids up, or derives what belongs to it.</summary>
    public T Of(IReadOnlyList<Grid> grids, Device device)
    {
        string key = string.Join(';', grids) + device;
        if (_known.TryGetValue(key, out T? known))
            return known;
        if (_known.Count >= Capacity)
        {
            foreach (T old in _known.Values)
                old.Dispose();
            _known.Clear();
        }
        return _known[key] = make(grids, device);
    }
}
