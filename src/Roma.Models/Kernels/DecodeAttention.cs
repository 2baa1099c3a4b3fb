using System.Runtime.Intrinsics;
using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Attention of one new token per sequence to its prompt's prefix, stored once per prompt, and to the sequence's own earlier tokens. Keys lie in blocks of eight, transposed [blocks, width, 8]:
/// scores are then sums of vectors, without a horizontal sum for each, and only the blocks that hold keys are read. No gradient.
/// </summary>
internal sealed unsafe class DecodeAttention : IDisposable
{
    private const int Block = 8;
    private readonly PackedLayout _prompts;
    private readonly (Tensor K, Tensor V) _prefix, _own;
    private readonly Tensor? _prefixBlocks;
    private readonly long[] _prefixAt;
    private readonly int _group, _headDim, _capacity;

    /// <summary>Takes the prefixes of one layer.</summary>
    /// <param name="prompts">Where the prefixes lie.</param>
    /// <param name="k_NHD">Their keys [rows of the layout, Hkv * D].</param>
    /// <param name="v_NHD">Their values.</param>
    /// <param name="headDim">D.</param>
    /// <param name="group">Sequences per prompt: sequence s continues prompt s / group.</param>
    /// <param name="capacity">Own tokens of a sequence at most.</param>
    public DecodeAttention(PackedLayout prompts, Tensor k_NHD, Tensor v_NHD, int headDim, int group, int capacity)
    {
        (_prompts, _group, _headDim, _capacity) = (prompts, group, headDim, Padded(capacity));
        long width = k_NHD.shape[1], sequences = (long)prompts.B * group;
        _prefix = (k_NHD.contiguous().DetachFromDisposeScope(), v_NHD.contiguous().DetachFromDisposeScope());
        _own = (zeros(sequences, _capacity / Block, width, Block, dtype: k_NHD.dtype, device: k_NHD.device).DetachFromDisposeScope(),
            empty(sequences, capacity, width, dtype: k_NHD.dtype, device: k_NHD.device).DetachFromDisposeScope());
        _prefixAt = new long[prompts.B + 1];
        for (int b = 0; b < prompts.B; b++)
            _prefixAt[b + 1] = _prefixAt[b] + width * Padded(prompts.PrefixLengths[b]);
        if (!TensorMemory.Fusable(headDim, k_NHD, v_NHD))
            return;
        _prefixBlocks = zeros(_prefixAt[^1]).DetachFromDisposeScope();
        float* blocks = TensorMemory.Floats(_prefixBlocks);
        var keys = new RowsPointer(_prefix.K);
        TensorMemory.Parallel(prompts.B, (_, from, to) =>
        {
            for (int b = from; b < to; b++)
                for (int j = 0; j < prompts.PrefixLengths[b]; j++)
                    Put(keys[prompts.PrefixRow(b, j)], blocks + _prefixAt[b], j, (int)width);
        });
    }

    /// <summary>Adds the tokens number <paramref name="step"/> (from 0) of the sequences in <paramref name="slots"/> and attends with their queries.</summary>
    /// <param name="q_AHD">Queries [A, Hq * D].</param>
    /// <param name="k_AHD">Keys [A, Hkv * D].</param>
    /// <param name="v_AHD">Values [A, Hkv * D].</param>
    /// <param name="slots">The sequence of each row.</param>
    /// <param name="step">Own tokens before these.</param>
    /// <returns>[A, Hq * D].</returns>
    public Tensor Apply(Tensor q_AHD, Tensor k_AHD, Tensor v_AHD, int[] slots, int step)
    {
        if (_prefixBlocks is null || !TensorMemory.Fusable(_headDim, q_AHD, k_AHD, v_AHD))
            return Composed(q_AHD, k_AHD, v_AHD, slots, step);
        Tensor o_AHD = empty(q_AHD.shape);
        int heads = (int)q_AHD.shape[1] / _headDim, width = (int)k_AHD.shape[1], share = heads / (width / _headDim), ownLength = step + 1, values = (int)_own.V.shape[1];
        (RowsPointer q, RowsPointer k, RowsPointer v, RowsPointer o, RowsPointer prefixValues) = (new(q_AHD), new(k_AHD), new(v_AHD), new(o_AHD), new(_prefix.V));
        float* prefixKeys = TensorMemory.Floats(_prefixBlocks), ownKeys = TensorMemory.Floats(_own.K), ownValues = TensorMemory.Floats(_own.V);
        float scale = 1 / MathF.Sqrt(_headDim);
        TensorMemory.Parallel(slots.Length, (_, from, to) =>
        {
            for (int a = from; a < to; a++)
            {
                Put(k[a], ownKeys + (long)slots[a] * width * _capacity, step, width);
                new ReadOnlySpan<float>(v[a], width).CopyTo(new Span<float>(ownValues + ((long)slots[a] * values + step) * width, width));
            }
        });
        TensorMemory.Parallel(slots.Length * heads, (_, from, to) =>
        {
            float[] buffer = new float[Padded(_prompts.LongestPrefix) + _capacity];
            fixed (float* weights = buffer)
            {
                for (int task = from; task < to; task++)
                {
                    (int a, int head) = Math.DivRem(task, heads);
                    int prompt = slots[a] / _group, prefixLength = _prompts.PrefixLengths[prompt], prefixPadded = Padded(prefixLength), at = head / share * _headDim;
                    float* keys = prefixKeys + _prefixAt[prompt], own = ownKeys + (long)slots[a] * width * _capacity, rows = ownValues + (long)slots[a] * values * width;
                    float* query = q[a] + head * _headDim, output = o[a] + head * _headDim;
                    Scores(query, keys + at * Block, width, prefixPadded, weights);
                    new Span<float>(weights + prefixLength, prefixPadded - prefixLength).Fill(float.NegativeInfinity);
                    Scores(query, own + at * Block, width, Padded(ownLength), weights + prefixPadded);
                    Simd.Softmax(weights, prefixPadded + ownLength, scale);
                    Simd.WeightedSum(weights, prefixValues[_prompts.PrefixRow(prompt, 0)] + at, prefixValues.Stride, prefixLength, output, _headDim);
                    Simd.WeightedSum(weights + prefixPadded, rows + at, width, ownLength, output, _headDim, onto: true);
                }
            }
        });
        return o_AHD;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? tensor in new[] { _prefix.K, _prefix.V, _own.K, _own.V, _prefixBlocks })
            tensor?.Dispose();
    }

    private static int Padded(int count) => (count + Block - 1) / Block * Block;

    /// <summary>Puts key number j among the blocks.</summary>
    private static void Put(float* key, float* blocks, int j, int width)
    {
        float* column = blocks + (long)(j / Block) * width * Block + j % Block;
        for (int i = 0; i < width; i++)
            column[i * Block] = key[i];
    }

    /// <summary>scores[j] = x . key j for a multiple of 8 keys.</summary>
    private void Scores(float* x, float* blocks, int width, int count, float* scores)
    {
        long stride = (long)width * Block;
        int j = 0;
        for (; j + 3 * Block <= count; j += 3 * Block, blocks += 3 * stride)
        {
            Vector256<float> a = default, b = default, c = default, a2 = default, b2 = default, c2 = default;
            float* key = blocks;
            for (int d = 0; d < _headDim; d += 2, key += 2 * Block) // the sums of two dimensions hide the latency of the additions
            {
                Vector256<float> factor = Vector256.Create(x[d]), factor2 = Vector256.Create(x[d + 1]);
                a = Vector256.FusedMultiplyAdd(factor, Vector256.Load(key), a);
                b = Vector256.FusedMultiplyAdd(factor, Vector256.Load(key + stride), b);
                c = Vector256.FusedMultiplyAdd(factor, Vector256.Load(key + 2 * stride), c);
                a2 = Vector256.FusedMultiplyAdd(factor2, Vector256.Load(key + Block), a2);
                b2 = Vector256.FusedMultiplyAdd(factor2, Vector256.Load(key + stride + Block), b2);
                c2 = Vector256.FusedMultiplyAdd(factor2, Vector256.Load(key + 2 * stride + Block), c2);
            }
            (a + a2).Store(scores + j);
            (b + b2).Store(scores + j + Block);
            (c + c2).Store(scores + j + 2 * Block);
        }
        for (; j < count; j += Block, blocks += stride)
        {
            Vector256<float> a = default, b = default, c = default, e = default;
            for (int d = 0; d < _headDim; d += 4)
            {
                float* key = blocks + d * Block;
                a = Vector256.FusedMultiplyAdd(Vector256.Create(x[d]), Vector256.Load(key), a);
                b = Vector256.FusedMultiplyAdd(Vector256.Create(x[d + 1]), Vector256.Load(key + Block), b);
                c = Vector256.FusedMultiplyAdd(Vector256.Create(x[d + 2]), Vector256.Load(key + 2 * Block), c);
                e = Vector256.FusedMultiplyAdd(Vector256.Create(x[d + 3]), Vector256.Load(key + 3 * Block), e);
            }
            (a + b + (c + e)).Store(scores + j);
        }
    }

    private Tensor Composed(Tensor q_AHD, Tensor k_AHD, Tensor v_AHD, int[] slots, int step)
    {
        Device device = q_AHD.device;
        int A = slots.Length, longest = _prompts.LongestPrefix, ownLength = step + 1;
        long share = q_AHD.shape[1] / k_AHD.shape[1];
        Tensor active = tensor(slots.Select(slot => (long)slot).ToArray(), device: device), prompts = tensor(slots.Select(slot => (long)slot / _group).ToArray(), device: device);
        _own.K.select(1, step / Block).select(2, step % Block).index_copy_(0, active, k_AHD);
        _own.V.select(1, step).index_copy_(0, active, v_AHD);
        Tensor pad = _prompts.PrefixGrid(device).Pad.view(-1, longest).index_select(0, prompts).view(-1);
        bool[] mask = new bool[A * (longest + ownLength)];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = i % (longest + ownLength) is int j && (j >= longest || j < _prompts.PrefixLengths[slots[i / (longest + ownLength)] / _group]);
        return nn.functional.scaled_dot_product_attention(q_AHD.view(A, -1, 1, _headDim), Rows(_prefix.K, _own.K.transpose(2, 3).flatten(1, 2)), Rows(_prefix.V, _own.V),
            tensor(mask, [A, 1, 1, longest + ownLength], device: device)).reshape(A, -1);

        Tensor Rows(Tensor prefixRows, Tensor ownRows)
        {
            Tensor before = prefixRows.index_select(0, pad).view(A, longest, -1, _headDim);
            Tensor after = ownRows.narrow(1, 0, ownLength).index_select(0, active).reshape(A, ownLength, -1, _headDim);
            return cat([before, after], 1).transpose(1, 2).repeat_interleave(share, 1);
        }
    }
}
