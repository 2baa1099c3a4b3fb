using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// <c>x W^T + b</c>. On the CPU a few rows against a large matrix, which is what decoding does, run at the speed at which memory gives the matrix (libtorch: 61 % of it). bf16 without instructions
/// for it is computed in fp32 and rounded, as the instructions do; libtorch's own substitute is a hundred times slower.
/// </summary>
public static unsafe class LinearMap
{
    private const int FewRows = 4, FewRowsBFloat16 = 16; // more rows are a matrix product; bf16 ones would have to be widened for it first
    private const long LargeMatrix = 1 << 20; // smaller ones lie in a cache
    private const long LargeProduct = 2_000_000_000; // operations; what a new shape costs is nothing to these

    /// <summary>Whether this processor multiplies bf16 itself.</summary>
    public static bool NativeBFloat16 { get; } = RuntimeInformation.ProcessArchitecture != Architecture.X64
        || X86Base.IsSupported && ((X86Base.CpuId(7, 1).Eax >> 5 & 1) == 1 || (X86Base.CpuId(7, 0).Edx >> 22 & 1) == 1);

    /// <summary>Maps rows; matrix and bias are cast to their type where they have another.</summary>
    /// <param name="x_NI">Rows [N, in].</param>
    /// <param name="weight_OI">Matrix [out, in].</param>
    /// <param name="bias_O">Bias [out], or null.</param>
    /// <returns>[N, out].</returns>
    public static Tensor Apply(Tensor x_NI, Tensor weight_OI, Tensor? bias_O = null)
    {
        bool fixedOnCpu = x_NI.device_type == DeviceType.CPU && x_NI.dim() == 2 && !(is_grad_enabled() && (x_NI.requires_grad || weight_OI.requires_grad));
        if (fixedOnCpu && weight_OI.dtype == x_NI.dtype && weight_OI.numel() >= LargeMatrix && x_NI.shape[1] % 16 == 0 && weight_OI.is_contiguous()
            && (x_NI.dtype == ScalarType.Float32 && x_NI.shape[0] <= FewRows || x_NI.dtype == ScalarType.BFloat16 && x_NI.shape[0] <= FewRowsBFloat16))
            return Streamed(x_NI, weight_OI, bias_O);
        if (x_NI is { dtype: ScalarType.BFloat16, device_type: DeviceType.CPU } && !NativeBFloat16)
        {
            using DisposeScope scope = NewDisposeScope();
            bool trained = is_grad_enabled() && weight_OI.requires_grad;
            Tensor y_NO = weight_OI.dtype == ScalarType.BFloat16 && !trained ? WidenedMap.Apply(x_NI, weight_OI) : Product(x_NI.to(ScalarType.Float32), Rounded(weight_OI), null);
            return (bias_O is null ? y_NO : y_NO.add(Rounded(bias_O), Scalars.One)).to(ScalarType.BFloat16).MoveToOuterDisposeScope();
        }
        return x_NI.dtype == weight_OI.dtype ? Product(x_NI, weight_OI, bias_O) : Product(x_NI, weight_OI.to(x_NI.dtype), bias_O?.to(x_NI.dtype));

        static Tensor Rounded(Tensor weight) => (weight.dtype == ScalarType.BFloat16 ? weight : weight.to(ScalarType.BFloat16)).to(ScalarType.Float32);
    }

    private static Tensor Product(Tensor x_NI, Tensor weight_OI, Tensor? bias_O) =>
        AtenDispatch.HasOneDnn && x_NI is { dtype: ScalarType.Float32, device_type: DeviceType.CPU } && x_NI.dim() == 2 && 2 * x_NI.shape[0] * weight_OI.numel() >= LargeProduct
            ? Function.apply(x_NI, weight_OI, bias_O ?? weight_OI, bias_O is not null) : nn.functional.linear(x_NI, weight_OI, bias_O);

    /// <summary>Large products by oneDNN, which reaches the speed of a square product where MKL falls 10 to 15 % short of it.</summary>
    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(LinearMap);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var x_NI, var weight_OI, var bias_O, bool biased) = ((Tensor)inputs[0], (Tensor)inputs[1], (Tensor)inputs[2], (bool)inputs[3]);
            ctx.save_for_backward([x_NI, weight_OI]);
            ctx.save_data("wanted", (x_NI.requires_grad, weight_OI.requires_grad, biased && bias_O.requires_grad));
            return AtenDispatch.OneDnnLinear(x_NI, weight_OI, biased ? bias_O : null);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (bool x, bool weight, bool bias) = ((bool, bool, bool))ctx.get_data("wanted");
            return [x ? AtenDispatch.OneDnnLinear(gradient, saved[1].t(), null) : null!, weight ? gradient.t().mm(saved[0]) : null!, bias ? gradient.sum(0L) : null!, null!];
        }
    }

    private static Tensor Streamed(Tensor x_NI, Tensor weight_OI, Tensor? bias_O)
    {
        using DisposeScope scope = NewDisposeScope();
        bool wide = weight_OI.dtype == ScalarType.Float32;
        Tensor rows_NI = x_NI.to(ScalarType.Float32).contiguous(), y_NO = empty(x_NI.shape[0], weight_OI.shape[0]);
        (int count, int inputs, int outputs) = ((int)rows_NI.shape[0], (int)rows_NI.shape[1], (int)weight_OI.shape[0]);
        float* x = TensorMemory.Floats(rows_NI), y = TensorMemory.Floats(y_NO);
        void* weight = TensorMemory.Floats(weight_OI);
        TensorMemory.Parallel(outputs, (_, from, to) =>
        {
            for (int o = from, rows; o < to; o += rows)
            {
                rows = o + 4 <= to ? 4 : 1;
                for (int n = 0; n < count; n++)
                {
                    float* row = x + (long)n * inputs, sums = y + (long)n * outputs + o;
                    if (wide)
                        Dots((float*)weight + (long)o * inputs, rows, row, inputs, sums);
                    else
                        Dots((ushort*)weight + (long)o * inputs, rows, row, inputs, sums);
                }
            }
        });
        if (bias_O is not null)
            y_NO = y_NO.add(bias_O.to(ScalarType.Float32), Scalars.One);
        return y_NO.to(x_NI.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Products of one or four rows of a matrix with x: memory gives four streams a third faster than one. A row's sum is the same either way.</summary>
    private static void Dots(float* w, int rows, float* x, int count, float* sums)
    {
        Vector256<float> a = default, b = default, c = default, d = default, a2 = default, b2 = default, c2 = default, d2 = default;
        float* w1 = w + count, w2 = w1 + count, w3 = w2 + count;
        for (int i = 0; i < count; i += 16)
        {
            Vector256<float> low = Vector256.Load(x + i), high = Vector256.Load(x + i + 8);
            (a, a2) = (Vector256.FusedMultiplyAdd(Vector256.Load(w + i), low, a), Vector256.FusedMultiplyAdd(Vector256.Load(w + i + 8), high, a2));
            if (rows == 1)
                continue;
            (b, b2) = (Vector256.FusedMultiplyAdd(Vector256.Load(w1 + i), low, b), Vector256.FusedMultiplyAdd(Vector256.Load(w1 + i + 8), high, b2));
            (c, c2) = (Vector256.FusedMultiplyAdd(Vector256.Load(w2 + i), low, c), Vector256.FusedMultiplyAdd(Vector256.Load(w2 + i + 8), high, c2));
            (d, d2) = (Vector256.FusedMultiplyAdd(Vector256.Load(w3 + i), low, d), Vector256.FusedMultiplyAdd(Vector256.Load(w3 + i + 8), high, d2));
        }
        Put(sums, rows, a + a2, b + b2, c + c2, d + d2);
    }

    /// <summary>The same of a bf16 matrix: a bf16 number is the upper half of an fp32 one.</summary>
    private static void Dots(ushort* w, int rows, float* x, int count, float* sums)
    {
        Vector256<float> a = default, b = default, c = default, d = default, a2 = default, b2 = default, c2 = default, d2 = default;
        for (int i = 0; i < count; i += 16)
        {
            Vector256<float> low = Vector256.Load(x + i), high = Vector256.Load(x + i + 8);
            Add(w + i, low, high, ref a, ref a2);
            if (rows == 1)
                continue;
            Add(w + count + i, low, high, ref b, ref b2);
            Add(w + 2 * count + i, low, high, ref c, ref c2);
            Add(w + 3 * count + i, low, high, ref d, ref d2);
        }
        Put(sums, rows, a + a2, b + b2, c + c2, d + d2);

        static void Add(ushort* w, Vector256<float> low, Vector256<float> high, ref Vector256<float> sum, ref Vector256<float> sum2)
        {
            (Vector256<uint> first, Vector256<uint> second) = Vector256.Widen(Vector256.Load(w));
            sum = Vector256.FusedMultiplyAdd(Vector256.ShiftLeft(first, 16).AsSingle(), low, sum);
            sum2 = Vector256.FusedMultiplyAdd(Vector256.ShiftLeft(second, 16).AsSingle(), high, sum2);
        }
    }

    private static void Put(float* sums, int rows, Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        sums[0] = Vector256.Sum(a);
        if (rows > 1)
            (sums[1], sums[2], sums[3]) = (Vector256.Sum(b), Vector256.Sum(c), Vector256.Sum(d));
    }
}
