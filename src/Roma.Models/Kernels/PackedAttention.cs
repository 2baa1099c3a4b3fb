using Roma.Models.Layers;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Scaled dot-product attention over a <see cref="PackedLayout"/>: the responses of a prompt attend to its prefix, which is stored once, and to themselves.
/// Grouped-query heads need no copies and there is no padding. On the CPU in fp32 this is a kernel of its own (and in bf16 where the
/// processor has no instructions for that); elsewhere two calls of scaled_dot_product_attention.
/// </summary>
public static unsafe class PackedAttention
{
    /// <summary>Attends.</summary>
    /// <param name="q_NHD">Queries [N, Hq * D].</param>
    /// <param name="k_NHD">Keys [N, Hkv * D]; Hkv divides Hq.</param>
    /// <param name="v_NHD">Values [N, Hkv * D].</param>
    /// <param name="headDim">D.</param>
    /// <param name="layout">How the N rows are packed.</param>
    /// <returns>[N, Hq * D].</returns>
    public static Tensor Apply(Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim, PackedLayout layout)
    {
        if (TensorMemory.Fusable(headDim, q_NHD, k_NHD, v_NHD))
            return Function.apply(q_NHD, k_NHD, v_NHD, headDim, layout);
        if (q_NHD.dtype == ScalarType.BFloat16 && q_NHD.device_type == TorchSharp.DeviceType.CPU && !LinearMap.NativeBFloat16)
            return Apply(q_NHD.to(ScalarType.Float32), k_NHD.to(ScalarType.Float32), v_NHD.to(ScalarType.Float32), headDim, layout).to(ScalarType.BFloat16);
        return Composed(q_NHD, k_NHD, v_NHD, headDim, layout);
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(PackedAttention);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var q_NHD, var k_NHD, var v_NHD, int headDim, var layout) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (int)inputs[3], (PackedLayout)inputs[4]);
            Tensor o_NHD = empty(q_NHD.shape), lse_NH = empty(q_NHD.shape[0], q_NHD.shape[1] / headDim);
            var heads = new PackedAttentionHeads(layout, headDim, new(q_NHD), new(k_NHD), new(v_NHD), TensorMemory.Floats(lse_NH));
            var output = new RowsPointer(o_NHD);
            TensorMemory.Parallel(heads.Tasks, (_, from, to) =>
            {
                using var scratch = new PackedAttentionScratch(layout, headDim, backward: false);
                for (int task = from; task < to; task++)
                    heads.Forward(task, output, scratch);
            });
            ctx.save_for_backward([q_NHD, k_NHD, v_NHD, lse_NH]);
            ctx.save_data("layout", layout);
            ctx.save_data("headDim", headDim);
            return o_NHD;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, Tensor lse_NH) = (saved[0], saved[1], saved[2], saved[3]);
            (int headDim, var layout) = ((int)ctx.get_data("headDim"), (PackedLayout)ctx.get_data("layout"));
            using Tensor gradient_NHD = gradient.contiguous();
            Tensor dq_NHD = empty(q_NHD.shape), dk_NHD = empty(k_NHD.shape), dv_NHD = empty(v_NHD.shape);
            var heads = new PackedAttentionHeads(layout, headDim, new(q_NHD), new(k_NHD), new(v_NHD), TensorMemory.Floats(lse_NH));
            (RowsPointer g, RowsPointer dq, RowsPointer dk, RowsPointer dv) = (new(gradient_NHD), new(dq_NHD), new(dk_NHD), new(dv_NHD));
            TensorMemory.Parallel(heads.Tasks, (_, from, to) =>
            {
                using var scratch = new PackedAttentionScratch(layout, headDim, backward: true);
                for (int task = from; task < to; task++)
                    heads.Backward(task, g, dq, dk, dv, scratch);
            });
            return [dq_NHD, dk_NHD, dv_NHD, null!, null!];
        }
    }

    private static Tensor Composed(Tensor q_NHD, Tensor k_NHD, Tensor v_NHD, int headDim, PackedLayout layout)
    {
        long groups = q_NHD.shape[1] / k_NHD.shape[1];
        (Tensor pad, Tensor unpad) = layout.PrefixGrid(q_NHD.device);
        (Tensor prefixKeys, Tensor prefixValues) = (Padded(k_NHD, pad, layout.B), Padded(v_NHD, pad, layout.B));
        Tensor prefix = Attend(Padded(q_NHD, pad, layout.B), prefixKeys, prefixValues, AttentionMask.Prefix(layout, q_NHD.device), unpad);
        if (layout.LongestResponse == 0)
            return prefix;
        (pad, unpad) = layout.ResponseGrid(q_NHD.device);
        int R = layout.ResponseLengths.Count;
        Tensor owners = tensor(layout.Owners.Select(owner => (long)owner).ToArray(), device: q_NHD.device);
        Tensor keys = cat([prefixKeys.index_select(0, owners), Padded(k_NHD, pad, R)], 2);
        Tensor values = cat([prefixValues.index_select(0, owners), Padded(v_NHD, pad, R)], 2);
        return cat([prefix, Attend(Padded(q_NHD, pad, R), keys, values, AttentionMask.Response(layout, q_NHD.device), unpad)], 0);

        Tensor Padded(Tensor x, Tensor rows, long sequences) => x.index_select(0, rows).view(sequences, rows.shape[0] / sequences, -1, headDim).transpose(1, 2);

        Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor mask, Tensor rows)
        {
            if (groups > 1)
                (k, v) = (k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1));
            return nn.functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(-1, q_NHD.shape[1]).index_select(0, rows);
        }
    }
}
