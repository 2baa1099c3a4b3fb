using System.Runtime.Intrinsics;
using Roma.Models.Layers;

namespace Roma.Models.Kernels;

/// <summary>
/// The CPU attention kernel. A task is one (prompt, key/value head): its prefix keys are gathered once and serve all queries of the prompt and of its responses.
/// Scores run along transposed keys, so that no horizontal sums are needed; probabilities are recomputed in the backward pass from the saved log-sum-exp.
/// </summary>
internal sealed unsafe class PackedAttentionHeads(PackedLayout layout, int headDim, RowsPointer q, RowsPointer k, RowsPointer v, float* lse)
{
    private readonly int _kvHeads = k.Width / headDim, _queryHeads = q.Width / headDim;
    private readonly float _scale = 1 / MathF.Sqrt(headDim);

    /// <summary>Number of independent tasks.</summary>
    public int Tasks => layout.B * _kvHeads;

    /// <summary>Writes the outputs of a task's query heads.</summary>
    public void Forward(int task, RowsPointer output, PackedAttentionScratch scratch)
    {
        (int b, int kvHead) = (task / _kvHeads, task % _kvHeads);
        int prefix = layout.PrefixLengths[b];
        (int first, int end) = layout.Responses(b);
        Gather(scratch, kvHead, layout.PrefixRow(b, 0), prefix, at: 0);
        Outputs(layout.PrefixRow(b, 0), prefix, keysBefore: 0);
        for (int r = first; r < end; r++)
        {
            Gather(scratch, kvHead, layout.ResponseRow(r, 0), layout.ResponseLengths[r], at: prefix);
            Outputs(layout.ResponseRow(r, 0), layout.ResponseLengths[r], keysBefore: prefix);
        }

        void Outputs(int row, int count, int keysBefore)
        {
            for (int head = kvHead * _queryHeads / _kvHeads; head < (kvHead + 1) * _queryHeads / _kvHeads; head++)
            {
                for (int t = 0; t < count; t++)
                {
                    int keys = Visible(t, count, keysBefore);
                    float* p = scratch.P + t % 2 * scratch.Capacity;
                    if (t % 2 == 0)
                        Scores(q, row + t, Math.Min(2, count - t), head, scratch.KT, scratch.Capacity, Visible(Math.Min(t + 1, count - 1), count, keysBefore), p);
                    lse[(long)(row + t) * _queryHeads + head] = Simd.Softmax(p, keys, _scale);
                    Simd.WeightedSum(p, scratch.V, headDim, keys, output[row + t] + head * headDim, headDim);
                }
            }
        }
    }

    /// <summary>Writes the gradients of a task's queries, keys and values.</summary>
    public void Backward(int task, RowsPointer g, RowsPointer dq, RowsPointer dk, RowsPointer dv, PackedAttentionScratch scratch)
    {
        (int b, int kvHead) = (task / _kvHeads, task % _kvHeads);
        int prefix = layout.PrefixLengths[b];
        (int first, int end) = layout.Responses(b);
        Gather(scratch, kvHead, layout.PrefixRow(b, 0), prefix, at: 0);
        Clear(0, prefix);
        Gradients(layout.PrefixRow(b, 0), prefix, keysBefore: 0);
        for (int r = first; r < end; r++)
        {
            int own = layout.ResponseLengths[r];
            Gather(scratch, kvHead, layout.ResponseRow(r, 0), own, at: prefix);
            Clear(prefix, own);
            Gradients(layout.ResponseRow(r, 0), own, keysBefore: prefix);
            Scatter(layout.ResponseRow(r, 0), own, at: prefix);
        }
        Scatter(layout.PrefixRow(b, 0), prefix, at: 0);

        void Gradients(int row, int count, int keysBefore)
        {
            for (int head = kvHead * _queryHeads / _kvHeads; head < (kvHead + 1) * _queryHeads / _kvHeads; head++)
            {
                for (int start = 0; start < count; start += PackedAttentionScratch.Block)
                {
                    int block = Math.Min(PackedAttentionScratch.Block, count - start);
                    for (int i = 0; i < block; i += 2)
                    {
                        int rows = Math.Min(2, block - i), keys = Visible(start + i + rows - 1, count, keysBefore);
                        Scores(q, row + start + i, rows, head, scratch.KT, scratch.Capacity, keys, scratch.P + (long)i * scratch.Capacity);
                        Scores(g, row + start + i, rows, head, scratch.VT, scratch.Capacity, keys, scratch.DS + (long)i * scratch.Capacity);
                    }
                    for (int i = 0; i < block; i++)
                        QueryGradient(row + start + i, head, Visible(start + i, count, keysBefore), i, g, dq, scratch);
                    KeyGradients(row + start, head, block, Visible(start + block - 1, count, keysBefore), g, scratch);
                }
            }
        }

        void Clear(int at, int count)
        {
            new Span<float>(scratch.DK + (long)at * headDim, count * headDim).Clear();
            new Span<float>(scratch.DV + (long)at * headDim, count * headDim).Clear();
        }

        void Scatter(int row, int count, int at)
        {
            for (int j = 0; j < count; j++)
            {
                new ReadOnlySpan<float>(scratch.DK + (long)(at + j) * headDim, headDim).CopyTo(new Span<float>(dk[row + j] + kvHead * headDim, headDim));
                new ReadOnlySpan<float>(scratch.DV + (long)(at + j) * headDim, headDim).CopyTo(new Span<float>(dv[row + j] + kvHead * headDim, headDim));
            }
        }
    }

    private int Visible(int t, int count, int keysBefore) => keysBefore + (layout.Causal ? t + 1 : count);

    /// <summary>Copies keys and values of a head: forward needs keys transposed and values row by row, backward both transposed and keys row by row.</summary>
    private void Gather(PackedAttentionScratch scratch, int kvHead, int row, int count, int at)
    {
        int capacity = scratch.Capacity;
        bool backward = scratch.VT != null;
        float* rows = (backward ? scratch.K : scratch.V) + (long)at * headDim;
        for (int j = 0; j < count; j++, rows += headDim)
        {
            float* key = k[row + j] + kvHead * headDim, value = v[row + j] + kvHead * headDim, source = backward ? key : value;
            for (int d = 0; d < headDim; d += 8)
                Vector256.Load(source + d).Store(rows + d);
            float* column = scratch.KT + at + j;
            for (int d = 0; d < headDim; d++, column += capacity)
                *column = key[d];
            if (!backward)
                continue;
            column = scratch.VT + at + j;
            for (int d = 0; d < headDim; d++, column += capacity)
                *column = value[d];
        }
    }

    /// <summary>Scores of one row or of two neighbours, which share the loads of the keys; the second row's lie a capacity behind the first's.</summary>
    private void Scores(RowsPointer x, long row, int rows, int head, float* transposed, int capacity, int keys, float* scores)
    {
        float* first = x[row] + head * headDim;
        if (rows == 1)
        {
            Scores(first, transposed, capacity, keys, scores);
            return;
        }
        float* second = x[row + 1] + head * headDim;
        for (int j = 0; j < keys; j += 32)
        {
            Vector256<float> a = default, b = default, c = default, e = default, a2 = default, b2 = default, c2 = default, e2 = default;
            float* column = transposed + j;
            for (int d = 0; d < headDim; d++, column += capacity)
            {
                Vector256<float> factor = Vector256.Create(first[d]), factor2 = Vector256.Create(second[d]);
                Vector256<float> k0 = Vector256.Load(column), k1 = Vector256.Load(column + 8), k2 = Vector256.Load(column + 16), k3 = Vector256.Load(column + 24);
                a = Vector256.FusedMultiplyAdd(factor, k0, a);
                b = Vector256.FusedMultiplyAdd(factor, k1, b);
                c = Vector256.FusedMultiplyAdd(factor, k2, c);
                e = Vector256.FusedMultiplyAdd(factor, k3, e);
                a2 = Vector256.FusedMultiplyAdd(factor2, k0, a2);
                b2 = Vector256.FusedMultiplyAdd(factor2, k1, b2);
                c2 = Vector256.FusedMultiplyAdd(factor2, k2, c2);
                e2 = Vector256.FusedMultiplyAdd(factor2, k3, e2);
            }
            float* to = scores + j, to2 = to + capacity;
            a.Store(to);
            b.Store(to + 8);
            c.Store(to + 16);
            e.Store(to + 24);
            a2.Store(to2);
            b2.Store(to2 + 8);
            c2.Store(to2 + 16);
            e2.Store(to2 + 24);
        }
    }

    /// <summary>scores[j] = x . keys[:, j], unscaled, for j below keys rounded up to 32; the capacity is a multiple of 32 and everything in it finite.</summary>
    private void Scores(float* x, float* transposed, int capacity, int keys, float* scores)
    {
        for (int j = 0; j < keys; j += 32)
        {
            Vector256<float> a = default, b = default, c = default, e = default;
            float* column = transposed + j;
            for (int d = 0; d < headDim; d++, column += capacity)
            {
                Vector256<float> factor = Vector256.Create(x[d]);
                a = Vector256.FusedMultiplyAdd(factor, Vector256.Load(column), a);
                b = Vector256.FusedMultiplyAdd(factor, Vector256.Load(column + 8), b);
                c = Vector256.FusedMultiplyAdd(factor, Vector256.Load(column + 16), c);
                e = Vector256.FusedMultiplyAdd(factor, Vector256.Load(column + 24), e);
            }
            a.Store(scores + j);
            b.Store(scores + j + 8);
            c.Store(scores + j + 16);
            e.Store(scores + j + 24);
        }
    }

    /// <summary>Row i of the block: probabilities P, score gradients dS = P (dP - sum P dP) scale, and the query's gradient.</summary>
    private void QueryGradient(int row, int head, int keys, int i, RowsPointer g, RowsPointer dq, PackedAttentionScratch scratch)
    {
        float* p = scratch.P + (long)i * scratch.Capacity, ds = scratch.DS + (long)i * scratch.Capacity;
        int padded = (keys + 7) / 8 * 8;
        for (int j = keys; j < padded; j++)
            (p[j], ds[j]) = (float.NegativeInfinity, 0);
        Vector256<float> scale = Vector256.Create(_scale), shift = Vector256.Create(lse[(long)row * _queryHeads + head]), dot = default;
        for (int j = 0; j < padded; j += 8)
        {
            Vector256<float> probability = Simd.Exp(Vector256.Load(p + j) * scale - shift);
            probability.Store(p + j);
            dot = Vector256.FusedMultiplyAdd(probability, Vector256.Load(ds + j), dot);
        }
        Vector256<float> mean = Vector256.Create(Vector256.Sum(dot));
        for (int j = 0; j < padded; j += 8)
            ((Vector256.Load(ds + j) - mean) * Vector256.Load(p + j) * scale).Store(ds + j);
        Simd.WeightedSum(ds, scratch.K, headDim, keys, dq[row] + head * headDim, headDim);
        // Later rows of a causal block see more keys: what this row leaves there must be zero.
        int end = Math.Min(scratch.Capacity, padded + PackedAttentionScratch.Block + 8);
        new Span<float>(p + padded, end - padded).Clear();
        new Span<float>(ds + padded, end - padded).Clear();
    }

    /// <summary>dK[j] += sum over the block of dS[i, j] q[i]; dV[j] += sum of P[i, j] g[i].</summary>
    private void KeyGradients(int row, int head, int block, int keys, RowsPointer g, PackedAttentionScratch scratch)
    {
        int capacity = scratch.Capacity;
        float* queries = q[row] + head * headDim, gradients = g[row] + head * headDim;
        for (int j = 0; j < keys; j++)
        {
            int d = 0;
            for (; d + 24 <= headDim; d += 24)
            {
                float* p = scratch.P + j, ds = scratch.DS + j, query = queries + d, gradient = gradients + d;
                float* dkey = scratch.DK + (long)j * headDim + d, dvalue = scratch.DV + (long)j * headDim + d;
                Vector256<float> k0 = Vector256.Load(dkey), k1 = Vector256.Load(dkey + 8), k2 = Vector256.Load(dkey + 16);
                Vector256<float> v0 = Vector256.Load(dvalue), v1 = Vector256.Load(dvalue + 8), v2 = Vector256.Load(dvalue + 16);
                for (int i = 0; i < block; i++, p += capacity, ds += capacity, query += q.Stride, gradient += g.Stride)
                {
                    Vector256<float> score = Vector256.Create(*ds), probability = Vector256.Create(*p);
                    k0 = Vector256.FusedMultiplyAdd(score, Vector256.Load(query), k0);
                    k1 = Vector256.FusedMultiplyAdd(score, Vector256.Load(query + 8), k1);
                    k2 = Vector256.FusedMultiplyAdd(score, Vector256.Load(query + 16), k2);
                    v0 = Vector256.FusedMultiplyAdd(probability, Vector256.Load(gradient), v0);
                    v1 = Vector256.FusedMultiplyAdd(probability, Vector256.Load(gradient + 8), v1);
                    v2 = Vector256.FusedMultiplyAdd(probability, Vector256.Load(gradient + 16), v2);
                }
                k0.Store(dkey);
                k1.Store(dkey + 8);
                k2.Store(dkey + 16);
                v0.Store(dvalue);
                v1.Store(dvalue + 8);
                v2.Store(dvalue + 16);
            }
            for (; d < headDim; d += 8)
            {
                float* p = scratch.P + j, ds = scratch.DS + j, query = queries + d, gradient = gradients + d;
                float* dkey = scratch.DK + (long)j * headDim + d, dvalue = scratch.DV + (long)j * headDim + d;
                Vector256<float> key = Vector256.Load(dkey), value = Vector256.Load(dvalue);
                for (int i = 0; i < block; i++, p += capacity, ds += capacity, query += q.Stride, gradient += g.Stride)
                {
                    key = Vector256.FusedMultiplyAdd(Vector256.Create(*ds), Vector256.Load(query), key);
                    value = Vector256.FusedMultiplyAdd(Vector256.Create(*p), Vector256.Load(gradient), value);
                }
                key.Store(dkey);
                value.Store(dvalue);
            }
        }
    }
}
