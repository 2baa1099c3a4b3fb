using Roma.Core;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Lora;

/// <summary>
/// The keys of the rows of a pass in which adapters drop inputs (dropout, Srivastava et al., 2014, before the first factor, as PEFT does it). A mask is a pure function of layer, row and column, so that a layer that is
/// computed again drops the same. Rows that no pass is told of drop nothing: sampling, validation, and every model that is not trained.
/// </summary>
internal sealed class DropoutRows(ulong[] keys)
{
    [ThreadStatic]
    private static DropoutRows? s_current;

    /// <summary>Those of the pass on this thread; null: nothing is dropped.</summary>
    public static DropoutRows? Current => s_current;

    /// <summary>The rows of a packed batch.</summary>
    public static DropoutRows? Of(PackedLayout layout, DropoutKeys? keys)
    {
        if (keys is null)
            return null;
        ulong[] rows = new ulong[layout.Rows];
        for (int b = 0; b < layout.B; b++)
            for (int t = 0; t < layout.PrefixLengths[b]; t++)
                rows[layout.PrefixRow(b, t)] = Mix(keys.Prompts[b], (ulong)t);
        for (int r = 0; r < layout.ResponseLengths.Count; r++)
            for (int t = 0; t < layout.ResponseLengths[r]; t++)
                rows[layout.ResponseRow(r, t)] = Mix(keys.Responses[r], (ulong)t);
        return new(rows);
    }

    /// <summary>The patches of pictures.</summary>
    public static DropoutRows? Of(IReadOnlyList<int> patches, IReadOnlyList<ulong>? keys) =>
        keys is null ? null : new([.. patches.SelectMany((count, i) => Enumerable.Range(0, count).Select(p => Mix(keys[i], (ulong)p)))]);

    /// <summary>Makes rows those of this thread until disposed.</summary>
    public static Scope Use(DropoutRows? rows)
    {
        var scope = new Scope(s_current);
        s_current = rows;
        return scope;
    }

    /// <summary>From here on only some of the rows go on; null: all.</summary>
    public static Scope Narrow(Tensor? rows_M) =>
        Use(rows_M is null || s_current is not { } all ? s_current : new([.. rows_M.cpu().data<long>().ToArray().Select(row => all.Key((int)row))]));

    /// <summary>Sets dropped elements to zero. The others stay as they are: the factor 1 / (1 - rate) is the caller's.</summary>
    /// <param name="x_NI">Input rows; of a layer that merges rows, a whole share of the rows of this pass.</param>
    /// <param name="rate">The share that is dropped.</param>
    /// <param name="layer">The layer's key.</param>
    public unsafe Tensor Drop(Tensor x_NI, double rate, ulong layer)
    {
        (int rows, int width) = ((int)x_NI.shape[0], (int)x_NI.shape[1]);
        if (rows == 0 || keys.Length % rows != 0)
            throw new InvalidOperationException($"A layer has {rows} rows in a pass of {keys.Length}.");
        int merged = keys.Length / rows;
        uint least = (uint)(rate * uint.MaxValue);
        Tensor kept_NI = empty(rows, width, ScalarType.Bool);
        byte* kept = (byte*)TensorMemory.Floats(kept_NI);
        TensorMemory.Parallel(rows, (_, from, to) =>
        {
            uint[] draws = new uint[width];
            for (int n = from; n < to; n++)
            {
                CounterRandom.Fill(Mix(keys[n * merged], layer), 0, draws);
                byte* row = kept + (long)n * width;
                for (int i = 0; i < width; i++)
                    row[i] = draws[i] >= least ? (byte)1 : (byte)0;
            }
        });
        return x_NI.mul(kept_NI.to(x_NI.device));
    }

    /// <summary>A key out of two (the finaliser of SplitMix64; Steele et al., "Fast splittable pseudorandom number generators", 2014).</summary>
    public static ulong Mix(ulong key, ulong by)
    {
        ulong z = key + (by + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private ulong Key(int row) => keys[row];

    /// <summary>Gives the thread back the rows that it had before.</summary>
    internal readonly struct Scope(DropoutRows? before) : IDisposable
    {
        public void Dispose() => s_current = before;
    }
}
