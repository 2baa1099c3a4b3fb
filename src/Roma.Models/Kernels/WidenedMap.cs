using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// <c>x W^T</c> in fp32 for a bf16 matrix that is not trained: the matrix is widened some rows at a time into memory that stays in a cache, and the backward pass, which needs no more than the matrix, does
/// it again. So no fp32 copy of a frozen weight is ever held.
/// </summary>
internal static class WidenedMap
{
    private const long BlockElements = 1 << 22; // 16 MB

    /// <summary>Maps rows.</summary>
    /// <param name="x_NI">Rows [N, in], bf16.</param>
    /// <param name="weight_OI">Matrix [out, in], bf16, or the transpose of one; it gets no gradient.</param>
    /// <returns>[N, out], fp32.</returns>
    public static Tensor Apply(Tensor x_NI, Tensor weight_OI) =>
        weight_OI.is_contiguous() ? Function.apply(x_NI, weight_OI, false) : Function.apply(x_NI, weight_OI.t().contiguous(), true);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(WidenedMap);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var x_NI, var weight, bool transposed) = ((Tensor)inputs[0], (Tensor)inputs[1], (bool)inputs[2]);
            ctx.save_for_backward([weight]);
            ctx.save_data("transposed", transposed);
            return transposed ? Product(x_NI, weight) : ProductWithTranspose(x_NI, weight);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = ctx.get_saved_variables()[0], dx = (bool)ctx.get_data("transposed") ? ProductWithTranspose(gradient, weight) : Product(gradient, weight);
            return [dx.to(ScalarType.BFloat16).MoveToOuterDisposeScope(), null!, null!];
        }
    }

    private static Tensor ProductWithTranspose(Tensor x_NI, Tensor weight_OI)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = x_NI.to(ScalarType.Float32), y_NO = empty(x.shape[0], weight_OI.shape[0]);
        foreach ((long start, Tensor block_BI) in Blocks(weight_OI))
            y_NO.narrow(1, start, block_BI.shape[0]).addmm_(x, block_BI.t(), 0, 1);
        return y_NO.MoveToOuterDisposeScope();
    }

    private static Tensor Product(Tensor x_NO, Tensor weight_OI)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = x_NO.to(ScalarType.Float32), y_NI = empty(x.shape[0], weight_OI.shape[1]);
        foreach ((long start, Tensor block_BI) in Blocks(weight_OI))
            y_NI.addmm_(x.narrow(1, start, block_BI.shape[0]), block_BI, start == 0 ? 0 : 1, 1);
        return y_NI.MoveToOuterDisposeScope();
    }

    /// <summary>The matrix in fp32, some rows after the others, all in the same memory.</summary>
    private static IEnumerable<(long Start, Tensor Rows)> Blocks(Tensor weight_OI)
    {
        long rows = weight_OI.shape[0], size = Math.Clamp(BlockElements / weight_OI.shape[1], 1, rows);
        Tensor block = empty(size, weight_OI.shape[1]);
        for (long start = 0; start < rows; start += size)
        {
            long count = Math.Min(size, rows - start);
            Tensor part = block.narrow(0, 0, count);
            part.copy_(weight_OI.narrow(0, start, count));
            yield return (start, part);
        }
    }
}
