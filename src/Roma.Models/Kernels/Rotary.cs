using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Rotary position embedding in the half-split form <c>x cos + rotate_half(x) sin</c> (Su et al., 2021), with the RMS normalisation per head that Qwen3 puts
/// before it where a weight is given. On the CPU in fp32 one pass forward and one backward.
/// </summary>
public static unsafe class Rotary
{
    /// <summary>Normalises each head (where a weight is given) and rotates it.</summary>
    /// <param name="x_NHD">Rows of heads [N, H * D].</param>
    /// <param name="weight_D">Scale of the normalisation [D], or null for none.</param>
    /// <param name="eps">Added to the mean square.</param>
    /// <param name="cos_NF">Cosines [N, D / 2], fp32.</param>
    /// <param name="sin_NF">Sines [N, D / 2], fp32.</param>
    public static Tensor Apply(Tensor x_NHD, Tensor? weight_D, double eps, Tensor cos_NF, Tensor sin_NF)
    {
        int half = (int)cos_NF.shape[1];
        if (TensorMemory.Fusable(2 * half, x_NHD, cos_NF, sin_NF) && half % 4 == 0)
            return Function.apply(x_NHD, weight_D ?? cos_NF, eps, cos_NF, sin_NF, weight_D is not null);
        Tensor x = x_NHD.view(x_NHD.shape[0], -1, 2 * half);
        if (weight_D is not null)
            x = RmsNorm.Apply(x, weight_D, eps);
        Tensor cos = cat([cos_NF, cos_NF], 1).unsqueeze(1), sin = cat([sin_NF, sin_NF], 1).unsqueeze(1), x32 = x.to(ScalarType.Float32);
        Tensor turned = cat([-x32.narrow(2, half, half), x32.narrow(2, 0, half)], 2);
        return (x32 * cos).add(turned * sin, Scalars.One).to(x_NHD.dtype).view(x_NHD.shape[0], -1);
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(Rotary);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var x_NHD, var weight_D, double eps, var cos_NF, var sin_NF, bool normed) =
                ((Tensor)inputs[0], (Tensor)inputs[1], (double)inputs[2], (Tensor)inputs[3], (Tensor)inputs[4], (bool)inputs[5]);
            Shape shape = new(x_NHD, cos_NF);
            Tensor y_NHD = empty(shape.Rows, shape.Width);
            float* x = TensorMemory.Floats(x_NHD), weight = normed ? TensorMemory.Floats(weight_D) : null, y = TensorMemory.Floats(y_NHD);
            float* cos = TensorMemory.Floats(cos_NF), sin = TensorMemory.Floats(sin_NF);
            TensorMemory.Parallel(shape.Rows, (_, from, to) =>
            {
                for (int row = from; row < to; row++)
                    for (int at = 0; at < shape.Width; at += 2 * shape.Half)
                        Forward(x + (long)row * shape.Stride + at, weight, y + (long)row * shape.Width + at, cos + (long)row * shape.Half, sin + (long)row * shape.Half, shape.Half, eps);
            });
            ctx.save_for_backward([x_NHD, weight_D, cos_NF, sin_NF]);
            ctx.save_data("eps", eps);
            ctx.save_data("normed", normed);
            return y_NHD;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x_NHD, Tensor weight_D, Tensor cos_NF, Tensor sin_NF) = (saved[0], saved[1], saved[2], saved[3]);
            (double eps, bool normed) = ((double)ctx.get_data("eps"), (bool)ctx.get_data("normed"));
            using Tensor gradient_NHD = gradient.contiguous();
            Shape shape = new(x_NHD, cos_NF);
            Tensor dx_NHD = empty(shape.Rows, shape.Width);
            using Tensor partial = zeros(TensorMemory.Threads, 2 * shape.Half);
            float* x = TensorMemory.Floats(x_NHD), weight = normed ? TensorMemory.Floats(weight_D) : null, g = TensorMemory.Floats(gradient_NHD);
            float* cos = TensorMemory.Floats(cos_NF), sin = TensorMemory.Floats(sin_NF), dx = TensorMemory.Floats(dx_NHD), dw = TensorMemory.Floats(partial);
            TensorMemory.Parallel(shape.Rows, (thread, from, to) =>
            {
                for (int row = from; row < to; row++)
                    for (int at = 0; at < shape.Width; at += 2 * shape.Half)
                        Backward(x + (long)row * shape.Stride + at, weight, g + (long)row * shape.Width + at, dx + (long)row * shape.Width + at,
                            dw + (long)thread * 2 * shape.Half, cos + (long)row * shape.Half, sin + (long)row * shape.Half, shape.Half, eps);
            });
            return [dx_NHD, normed ? partial.sum(0L) : null!, null!, null!, null!, null!];
        }
    }

    private readonly struct Shape(Tensor x_NHD, Tensor cos_NF)
    {
        public readonly int Rows = (int)x_NHD.shape[0], Width = (int)x_NHD.shape[1], Stride = (int)x_NHD.stride(0), Half = (int)cos_NF.shape[1];
    }

    private static float InverseRoot(float* x, int half, double eps)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        for (int i = 0; i < 2 * half; i += 8)
        {
            Vector256<float> v = Vector256.Load(x + i);
            sum = Vector256.FusedMultiplyAdd(v, v, sum);
        }
        return (float)(1 / Math.Sqrt(Vector256.Sum(sum) / (2 * half) + eps));
    }

    private static void Forward(float* x, float* weight, float* y, float* cos, float* sin, int half, double eps)
    {
        Vector128<float> scale = Vector128.Create(weight == null ? 1 : InverseRoot(x, half, eps));
        for (int i = 0; i < half; i += 4)
        {
            Vector128<float> a = Vector128.Load(x + i) * scale, b = Vector128.Load(x + half + i) * scale, c = Vector128.Load(cos + i), s = Vector128.Load(sin + i);
            if (weight != null)
                (a, b) = (a * Vector128.Load(weight + i), b * Vector128.Load(weight + half + i));
            (a * c - b * s).Store(y + i);
            (b * c + a * s).Store(y + half + i);
        }
    }

    private static void Backward(float* x, float* weight, float* g, float* dx, float* dw, float* cos, float* sin, int half, double eps)
    {
        // First undo the rotation; then the normalisation's backward pass in place.
        for (int i = 0; i < half; i += 4)
        {
            Vector128<float> a = Vector128.Load(g + i), b = Vector128.Load(g + half + i), c = Vector128.Load(cos + i), s = Vector128.Load(sin + i);
            (a * c + b * s).Store(dx + i);
            (b * c - a * s).Store(dx + half + i);
        }
        if (weight == null)
            return;
        Vector256<float> scale = Vector256.Create(InverseRoot(x, half, eps)), dot = Vector256<float>.Zero;
        for (int i = 0; i < 2 * half; i += 8)
        {
            Vector256<float> normed = Vector256.Load(x + i) * scale, gradient = Vector256.Load(dx + i);
            Vector256.FusedMultiplyAdd(gradient, normed, Vector256.Load(dw + i)).Store(dw + i);
            dot = Vector256.FusedMultiplyAdd(gradient * Vector256.Load(weight + i), normed, dot);
        }
        Vector256<float> mean = Vector256.Create(Vector256.Sum(dot) / (2 * half));
        for (int i = 0; i < 2 * half; i += 8)
            ((Vector256.Load(dx + i) * Vector256.Load(weight + i) - Vector256.Load(x + i) * scale * mean) * scale).Store(dx + i);
    }
}
