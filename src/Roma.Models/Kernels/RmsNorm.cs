using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Root-mean-square normalisation <c>x / sqrt(mean(x^2) + eps) * weight</c> over the last dimension (Zhang and Sennrich, 2019). On the CPU in fp32 forward and
/// backward are one pass each; elsewhere the composed operations run, with the statistics in fp32 as the reference has them.
/// </summary>
public static unsafe class RmsNorm
{
    /// <summary>Normalises rows.</summary>
    /// <param name="x_ND">Rows [N, D].</param>
    /// <param name="weight_D">Scale [D].</param>
    /// <param name="eps">Added to the mean square.</param>
    public static Tensor Apply(Tensor x_ND, Tensor weight_D, double eps)
    {
        if (TensorMemory.Fusable((int)x_ND.shape[^1], x_ND, weight_D))
            return Function.apply(x_ND, weight_D, eps);
        using Tensor x = x_ND.to(ScalarType.Float32);
        using Tensor variance = (x * x).mean([-1L], keepdim: true);
        return (x * variance.add(Scalars.Of(eps), Scalars.One).rsqrt()).to(x_ND.dtype) * (weight_D.dtype == x_ND.dtype ? weight_D : weight_D.to(x_ND.dtype));
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(RmsNorm);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var x_ND, var weight_D, double eps) = ((Tensor)inputs[0], (Tensor)inputs[1], (double)inputs[2]);
            (int rows, int width, int stride) = ((int)x_ND.shape[0], (int)x_ND.shape[1], (int)x_ND.stride(0));
            Tensor y_ND = empty(rows, width);
            float* x = TensorMemory.Floats(x_ND), weight = TensorMemory.Floats(weight_D), y = TensorMemory.Floats(y_ND);
            TensorMemory.Parallel(rows, (_, from, to) =>
            {
                for (int row = from; row < to; row++)
                    Forward(x + (long)row * stride, weight, y + (long)row * width, width, eps);
            });
            ctx.save_for_backward([x_ND, weight_D]);
            ctx.save_data("eps", eps);
            return y_ND;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x_ND, Tensor weight_D, double eps) = (saved[0], saved[1], (double)ctx.get_data("eps"));
            using Tensor gradient_ND = gradient.contiguous();
            (int rows, int width, int stride) = ((int)x_ND.shape[0], (int)x_ND.shape[1], (int)x_ND.stride(0));
            int threads = TensorMemory.Threads;
            Tensor dx_ND = empty(rows, width);
            using Tensor partial = zeros(threads, width);
            float* x = TensorMemory.Floats(x_ND), weight = TensorMemory.Floats(weight_D), g = TensorMemory.Floats(gradient_ND);
            float* dx = TensorMemory.Floats(dx_ND), dw = TensorMemory.Floats(partial);
            TensorMemory.Parallel(rows, (thread, from, to) =>
            {
                for (int row = from; row < to; row++)
                    Backward(x + (long)row * stride, weight, g + (long)row * width, dx + (long)row * width, dw + (long)thread * width, width, eps);
            });
            return [dx_ND, partial.sum(0L), null!];
        }
    }

    private static float InverseRoot(float* x, int width, double eps)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        for (int i = 0; i < width; i += 8)
        {
            Vector256<float> v = Vector256.Load(x + i);
            sum = Vector256.FusedMultiplyAdd(v, v, sum);
        }
        return (float)(1 / Math.Sqrt(Vector256.Sum(sum) / width + eps));
    }

    private static void Forward(float* x, float* weight, float* y, int width, double eps)
    {
        Vector256<float> scale = Vector256.Create(InverseRoot(x, width, eps));
        for (int i = 0; i < width; i += 8)
            (Vector256.Load(x + i) * scale * Vector256.Load(weight + i)).Store(y + i);
    }

    private static void Backward(float* x, float* weight, float* g, float* dx, float* dw, int width, double eps)
    {
        float root = InverseRoot(x, width, eps);
        Vector256<float> scale = Vector256.Create(root), dot = Vector256<float>.Zero;
        for (int i = 0; i < width; i += 8)
        {
            Vector256<float> normed = Vector256.Load(x + i) * scale, gradient = Vector256.Load(g + i);
            Vector256.FusedMultiplyAdd(gradient, normed, Vector256.Load(dw + i)).Store(dw + i);
            dot = Vector256.FusedMultiplyAdd(gradient * Vector256.Load(weight + i), normed, dot);
        }
        Vector256<float> mean = Vector256.Create(Vector256.Sum(dot) / width);
        for (int i = 0; i < width; i += 8)
            ((Vector256.Load(g + i) * Vector256.Load(weight + i) - Vector256.Load(x + i) * scale * mean) * scale).Store(dx + i);
    }
}
