using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// log softmax(h W^T / temperature)[target] per row, in fp32. Logits up to 64 MB are kept for the backward pass; of more than that, those of a chunk of rows are held at a time and the backward pass
/// computes them again.
/// </summary>
public static unsafe class TokenLogProb
{
    /// <summary>Elements of a chunk's logits: 2^22 fp32 values are 16 MB.</summary>
    private const long ChunkElements = 1 << 22;

    /// <summary>The most elements that are kept.</summary>
    private const long KeptElements = 1 << 24;

    /// <summary>Scores target tokens.</summary>
    /// <param name="hidden_MH">Normalised hidden states [M, H].</param>
    /// <param name="head_VH">Output head [V, H].</param>
    /// <param name="targets_M">Token ids [M], int64.</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <returns>Log-probabilities [M], fp32, with gradient to hidden states and head.</returns>
    public static Tensor Apply(Tensor hidden_MH, Tensor head_VH, Tensor targets_M, double temperature = 1) =>
        Function.apply(hidden_MH, head_VH, targets_M, (float)(1 / temperature));

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(TokenLogProb);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var hidden_MH, var head_VH, var targets_M, float inverse) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (float)inputs[3]);
            (Tensor logProbs_M, Tensor lse_M) = (empty(hidden_MH.shape[0], device: hidden_MH.device), empty(hidden_MH.shape[0], device: hidden_MH.device));
            Tensor? kept_MV = hidden_MH.shape[0] * head_VH.shape[0] <= KeptElements ? Logits(hidden_MH, head_VH) : null;
            foreach ((long start, long rows) in Chunks(hidden_MH.shape[0], head_VH.shape[0]))
            {
                using var scope = NewDisposeScope();
                Tensor logits_CV = kept_MV?.narrow(0, start, rows) ?? Logits(hidden_MH.narrow(0, start, rows), head_VH), targets_C = targets_M.narrow(0, start, rows);
                (Tensor part_C, Tensor lse_C) = (logProbs_M.narrow(0, start, rows), lse_M.narrow(0, start, rows));
                if (TensorMemory.Fusable((int)head_VH.shape[0], logits_CV))
                {
                    float* logits = TensorMemory.Floats(logits_CV), part = TensorMemory.Floats(part_C), lse = TensorMemory.Floats(lse_C);
                    long* targets = TensorMemory.Longs(targets_C);
                    int vocab = (int)head_VH.shape[0];
                    TensorMemory.Parallel((int)rows, (_, from, to) =>
                    {
                        for (int row = from; row < to; row++)
                        {
                            lse[row] = Simd.LogSumExp(logits + (long)row * vocab, vocab, inverse);
                            part[row] = logits[(long)row * vocab + targets[row]] * inverse - lse[row];
                        }
                    });
                }
                else
                {
                    Tensor scaled_CV = logits_CV * Scalars.Of(inverse);
                    lse_C.copy_(scaled_CV.logsumexp(1));
                    part_C.copy_(scaled_CV.gather(1, targets_C.unsqueeze(1)).squeeze(1) - lse_C);
                }
            }
            ctx.save_for_backward(kept_MV is null ? [hidden_MH, head_VH, targets_M, lse_M] : [hidden_MH, head_VH, targets_M, lse_M, kept_MV]);
            ctx.save_data("inverse", inverse);
            ctx.save_data("trained", head_VH.requires_grad);
            return logProbs_M;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor hidden_MH, Tensor head_VH, Tensor targets_M, Tensor lse_M) = (saved[0], saved[1], saved[2], saved[3]);
            (float inverse, bool trained) = ((float)ctx.get_data("inverse"), (bool)ctx.get_data("trained"));
            using Tensor gradient_M = gradient.contiguous();
            (Tensor dhidden_MH, Tensor? dhead_VH) = (empty_like(hidden_MH), trained ? zeros(head_VH.shape, device: head_VH.device) : null); // fp32: many small parts add up
            foreach ((long start, long rows) in Chunks(hidden_MH.shape[0], head_VH.shape[0]))
            {
                using var scope = NewDisposeScope();
                Tensor hidden_CH = hidden_MH.narrow(0, start, rows), targets_C = targets_M.narrow(0, start, rows);
                Tensor logits_CV = saved.Count > 4 ? saved[4].narrow(0, start, rows) : Logits(hidden_CH, head_VH), d_CV = empty_like(logits_CV);
                (Tensor g_C, Tensor lse_C) = (gradient_M.narrow(0, start, rows), lse_M.narrow(0, start, rows));
                if (TensorMemory.Fusable((int)head_VH.shape[0], d_CV))
                {
                    float* logits = TensorMemory.Floats(logits_CV), d = TensorMemory.Floats(d_CV), g = TensorMemory.Floats(g_C), lse = TensorMemory.Floats(lse_C);
                    long* targets = TensorMemory.Longs(targets_C);
                    int vocab = (int)head_VH.shape[0];
                    TensorMemory.Parallel((int)rows, (_, from, to) =>
                    {
                        for (int row = from; row < to; row++)
                            LogitGradient(logits + (long)row * vocab, d + (long)row * vocab, vocab, inverse, lse[row], g[row], targets[row]);
                    });
                }
                else
                {
                    d_CV.copy_(logits_CV).mul_(Scalars.Of(inverse)).sub_(lse_C.unsqueeze(1)).exp_().mul_(g_C.unsqueeze(1) * Scalars.Of(-inverse));
                    d_CV.scatter_add_(1, targets_C.unsqueeze(1), g_C.unsqueeze(1) * Scalars.Of(inverse));
                }
                Tensor cast_CV = d_CV.to(hidden_MH.dtype);
                dhidden_MH.narrow(0, start, rows).copy_(LinearMap.Apply(cast_CV, head_VH.t()));
                dhead_VH?.add_(LinearMap.Apply(cast_CV.t(), hidden_CH.t()).to(ScalarType.Float32), Scalars.One);
            }
            return [dhidden_MH, dhead_VH?.to(head_VH.dtype)!, null!, null!];
        }

        private static Tensor Logits(Tensor hidden_CH, Tensor head_VH) => LinearMap.Apply(hidden_CH, head_VH).to(ScalarType.Float32);

        private static IEnumerable<(long Start, long Rows)> Chunks(long rows, long vocab)
        {
            long size = Math.Max(1, ChunkElements / vocab);
            for (long start = 0; start < rows; start += size)
                yield return (start, Math.Min(size, rows - start));
        }
    }

    /// <summary>d = g inverse (one-hot - softmax).</summary>
    private static void LogitGradient(float* x, float* d, int count, float inverse, float lse, float g, long target)
    {
        Vector256<float> scale = Vector256.Create(inverse), shift = Vector256.Create(lse), factor = Vector256.Create(-g * inverse);
        for (int i = 0; i < count; i += 8)
            (Simd.Exp(Vector256.Load(x + i) * scale - shift) * factor).Store(d + i);
        d[target] += g * inverse;
    }
}
