using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>The gated activation <c>silu(gate) * up</c> (Shazeer, "GLU variants improve transformer", 2020), fused on the CPU in fp32.</summary>
public static unsafe class SwiGlu
{
    /// <summary>Applies the activation.</summary>
    /// <param name="gate_NF">The gate projection [N, F].</param>
    /// <param name="up_NF">The up projection [N, F].</param>
    public static Tensor Apply(Tensor gate_NF, Tensor up_NF)
    {
        if (TensorMemory.Fusable((int)gate_NF.shape[^1], gate_NF, up_NF) && gate_NF.is_contiguous() && up_NF.is_contiguous())
            return Function.apply(gate_NF, up_NF);
        using Tensor gated = nn.functional.silu(gate_NF);
        return gated * up_NF;
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(SwiGlu);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var gate_NF, var up_NF) = ((Tensor)inputs[0], (Tensor)inputs[1]);
            Tensor y_NF = empty(gate_NF.shape);
            float* gate = TensorMemory.Floats(gate_NF), up = TensorMemory.Floats(up_NF), y = TensorMemory.Floats(y_NF);
            TensorMemory.Parallel(checked((int)(gate_NF.numel() / 8)), (_, from, to) =>
            {
                for (long i = 8L * from; i < 8L * to; i += 8)
                {
                    Vector256<float> x = Vector256.Load(gate + i);
                    (x * Sigmoid(x) * Vector256.Load(up + i)).Store(y + i);
                }
            });
            ctx.save_for_backward([gate_NF, up_NF]);
            return y_NF;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor gate_NF, Tensor up_NF) = (saved[0], saved[1]);
            using Tensor gradient_NF = gradient.contiguous();
            (Tensor dgate_NF, Tensor dup_NF) = (empty(gate_NF.shape), empty(gate_NF.shape));
            float* gate = TensorMemory.Floats(gate_NF), up = TensorMemory.Floats(up_NF), g = TensorMemory.Floats(gradient_NF);
            float* dgate = TensorMemory.Floats(dgate_NF), dup = TensorMemory.Floats(dup_NF);
            TensorMemory.Parallel(checked((int)(gate_NF.numel() / 8)), (_, from, to) =>
            {
                for (long i = 8L * from; i < 8L * to; i += 8)
                {
                    Vector256<float> x = Vector256.Load(gate + i), dy = Vector256.Load(g + i), sigmoid = Sigmoid(x), silu = x * sigmoid;
                    (dy * silu).Store(dup + i);
                    (dy * Vector256.Load(up + i) * (sigmoid + silu * (Vector256<float>.One - sigmoid))).Store(dgate + i);
                }
            });
            return [dgate_NF, dup_NF];
        }
    }

    private static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Simd.Exp(-x));
}
