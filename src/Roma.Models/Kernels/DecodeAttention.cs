using System.Runtime.Intrinsics;
using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>Attention of one new token per sequence to its prompt's prefix, stored once per prompt, and to the sequence's own earlier tokens. No gradient.</summary>
internal static unsafe class DecodeAttention
{
    /// <summary>Attends.</summary>
    /// <param name="q_AHD">Queries of the active sequences [A, Hq * D].</param>
    /// <param name="prefix">Keys and values of the prefixes [rows of the layout, Hkv * D].</param>
    /// <param name="own">Keys and values of each sequence's own tokens [R, capacity, Hkv * D], the new one included.</param>
    /// <param name="layout">Where the prefixes lie.</param>
    /// <param name="slots">The sequence of each active row; sequence s continues prompt s / group.</param>
    /// <param name="group">Sequences per prompt.</param>
    /// <param name="ownLength">Own tokens of every active sequence, the new one included.</param>
    /// <param name="headDim">D.</param>
    public static Tensor Apply(Tensor q_AHD, (Tensor K, Tensor V) prefix, (Tensor K, Tensor V) own, PackedLayout layout, int[] slots, int group, int ownLength, int headDim)
    {
        if (!TensorMemory.Fusable(headDim, q_AHD, prefix.K, prefix.V, own.K))
            return Composed(q_AHD, prefix, own, layout, slots, group, ownLength, headDim);
        Tensor o_AHD = empty(q_AHD.shape);
        int heads = (int)q_AHD.shape[1] / headDim, share = heads / ((int)prefix.K.shape[1] / headDim);
        (RowsPointer q, RowsPointer o, RowsPointer prefixKeys, RowsPointer prefixValues) = (new(q_AHD), new(o_AHD), new(prefix.K), new(prefix.V));
        using Tensor flatKeys = own.K.view(-1, own.K.shape[2]), flatValues = own.V.view(-1, own.V.shape[2]);
        (RowsPointer ownKeys, RowsPointer ownValues) = (new(flatKeys), new(flatValues));
        int capacity = (int)own.K.shape[1];
        float scale = 1 / MathF.Sqrt(headDim);
        TensorMemory.Parallel(slots.Length * heads, (_, from, to) =>
        {
            int room = (layout.LongestPrefix + ownLength + 7) / 8 * 8;
            float[] buffer = new float[room];
            fixed (float* weights = buffer)
            {
                for (int task = from; task < to; task++)
                {
                    (int a, int head) = Math.DivRem(task, heads);
                    int prompt = slots[a] / group, prefixLength = layout.PrefixLengths[prompt], total = prefixLength + ownLength;
                    int firstPrefix = layout.PrefixRow(prompt, 0), firstOwn = slots[a] * capacity, at = head / share * headDim;
                    float* query = q[a] + head * headDim, output = o[a] + head * headDim;
                    for (int j = 0; j < prefixLength; j++)
                        weights[j] = Dot(query, prefixKeys[firstPrefix + j] + at, headDim);
                    for (int j = 0; j < ownLength; j++)
                        weights[prefixLength + j] = Dot(query, ownKeys[firstOwn + j] + at, headDim);
                    Simd.Softmax(weights, total, scale);
                    WeightedSum(output, weights, prefixValues[firstPrefix] + at, prefixValues.Stride, prefixLength, headDim, onto: false);
                    WeightedSum(output, weights + prefixLength, ownValues[firstOwn] + at, ownValues.Stride, ownLength, headDim, onto: true);
                }
            }
        });
        return o_AHD;
    }

    private static float Dot(float* x, float* y, int count)
    {
        Vector256<float> sum = Vector256.Load(x) * Vector256.Load(y);
        for (int d = 8; d < count; d += 8)
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(x + d), Vector256.Load(y + d), sum);
        return Vector256.Sum(sum);
    }

    private static void WeightedSum(float* output, float* weights, float* rows, long stride, int count, int headDim, bool onto)
    {
        int d = 0;
        for (; d + 24 <= headDim; d += 24)
        {
            Vector256<float> a = default, b = default, c = default;
            float* row = rows + d;
            for (int j = 0; j < count; j++, row += stride)
            {
                Vector256<float> weight = Vector256.Create(weights[j]);
                a = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row), a);
                b = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 8), b);
                c = Vector256.FusedMultiplyAdd(weight, Vector256.Load(row + 16), c);
            }
            Put(output + d, a);
            Put(output + d + 8, b);
            Put(output + d + 16, c);
        }
        for (; d < headDim; d += 8)
        {
            Vector256<float> a = default;
            float* row = rows + d;
            for (int j = 0; j < count; j++, row += stride)
                a = Vector256.FusedMultiplyAdd(Vector256.Create(weights[j]), Vector256.Load(row), a);
            Put(output + d, a);
        }

        void Put(float* at, Vector256<float> value) => (onto ? value + Vector256.Load(at) : value).Store(at);
    }

    private static Tensor Composed(Tensor q_AHD, (Tensor K, Tensor V) prefix, (Tensor K, Tensor V) own, PackedLayout layout, int[] slots, int group, int ownLength, int headDim)
    {
        Device device = q_AHD.device;
        int A = slots.Length, longest = layout.LongestPrefix;
        long share = q_AHD.shape[1] / prefix.K.shape[1];
        Tensor active = tensor(slots.Select(slot => (long)slot).ToArray(), device: device), prompts = tensor(slots.Select(slot => (long)slot / group).ToArray(), device: device);
        Tensor pad = layout.PrefixGrid(device).Pad.view(-1, longest).index_select(0, prompts).view(-1);
        bool[] mask = new bool[A * (longest + ownLength)];
        for (int i = 0; i < mask.Length; i++)
            mask[i] = i % (longest + ownLength) is int j && (j >= longest || j < layout.PrefixLengths[slots[i / (longest + ownLength)] / group]);
        return nn.functional.scaled_dot_product_attention(q_AHD.view(A, -1, 1, headDim), Keys(prefix.K, own.K), Keys(prefix.V, own.V),
            tensor(mask, [A, 1, 1, longest + ownLength], device: device)).reshape(A, -1);

        Tensor Keys(Tensor prefixRows, Tensor ownRows)
        {
            Tensor before = prefixRows.index_select(0, pad).view(A, longest, -1, headDim);
            Tensor after = ownRows.narrow(1, 0, ownLength).index_select(0, active).view(A, ownLength, -1, headDim);
            return cat([before, after], 1).transpose(1, 2).repeat_interleave(share, 1);
        }
    }
}
