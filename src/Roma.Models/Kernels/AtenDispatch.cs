using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Operations that libtorch has and TorchSharp does not expose, called through the dispatcher of libtorch's C interface; a TorchSharp handle is the <c>at::Tensor*</c> that it takes. Where
/// <see cref="IsAvailable"/> is false, use an equivalent of ordinary operations.
/// </summary>
public static unsafe class AtenDispatch
{
    private const string Library = "torch_cpu", LinearEntry = "aoti_torch_cpu__linear_pointwise";

    /// <summary>True where the loaded libtorch has the interface.</summary>
    public static bool IsAvailable { get; } = Probe();

    /// <summary>One AdamW step over lists of tensors, in place: <c>_fused_adamw_</c>. All four lists have the same length, shapes, type and device; every tensor is contiguous.</summary>
    /// <param name="parameters">What is updated.</param>
    /// <param name="gradients">Gradients.</param>
    /// <param name="means">Running means of gradients, updated.</param>
    /// <param name="squares">Running means of squared gradients, updated.</param>
    /// <param name="step">The number of this step, from 1: a float32 scalar on the parameters' device.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay of the means.</param>
    /// <param name="beta2">The decay of the squares.</param>
    /// <param name="weightDecay">Decoupled weight decay.</param>
    /// <param name="epsilon">Added to the root of the squares.</param>
    public static void FusedAdamW(
        IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> means, IReadOnlyList<Tensor> squares, Tensor step,
        double learningRate, double beta1, double beta2, double weightDecay, double epsilon)
    {
        ulong* stack = stackalloc ulong[15]
        {
            List(parameters), List(gradients), List(means), List(squares), List([]), List([.. Enumerable.Repeat(step, parameters.Count)]),
            Double(learningRate), Double(beta1), Double(beta2), Double(weightDecay), Double(epsilon), 0, 0, 0, 0, // no amsgrad, no maximize, no grad_scale, no found_inf
        };
        Call("aten::_fused_adamw_", "", stack);
        GC.KeepAlive((parameters, gradients, means, squares, step));
    }

    /// <summary>True where the loaded libtorch multiplies through oneDNN.</summary>
    public static bool HasOneDnn { get; } = IsAvailable && NativeLibrary.TryGetExport(NativeLibrary.Load("libtorch_cpu.so"), LinearEntry, out _);

    /// <summary><c>x W^T + b</c> by oneDNN instead of MKL: <c>mkldnn::_linear_pointwise</c>. fp32 on the CPU, no gradient; a shape that it sees for the first time costs some milliseconds.</summary>
    /// <param name="x_NI">Rows [N, in].</param>
    /// <param name="weight_OI">Matrix [out, in], may be transposed.</param>
    /// <param name="bias_O">Bias [out], or null.</param>
    /// <returns>[N, out].</returns>
    public static Tensor OneDnnLinear(Tensor x_NI, Tensor weight_OI, Tensor? bias_O)
    {
        nint bias = bias_O?.Handle ?? 0, result = 0;
        if (Linear(x_NI.Handle, weight_OI.Handle, bias_O is null ? null : &bias, "none", null, 0, null, &result) != 0)
            throw new InvalidOperationException("mkldnn::_linear_pointwise failed; libtorch wrote the reason to standard error.");
        GC.KeepAlive((x_NI, weight_OI, bias_O));
        return Tensor.UnsafeCreateTensor(result);
    }

    /// <summary>Multiplies every tensor of a list by the same scalar, in place: <c>_foreach_mul_</c>.</summary>
    /// <param name="tensors">Tensors of one device.</param>
    /// <param name="factor">A 0-dimensional tensor.</param>
    public static void Scale(IReadOnlyList<Tensor> tensors, Tensor factor)
    {
        ulong* stack = stackalloc ulong[2] { List(tensors), Handle(factor) };
        Call("aten::_foreach_mul_", "Tensor", stack);
        GC.KeepAlive((tensors, factor));
    }

    private static void Call(string operation, string overload, ulong* stack)
    {
        if (Dispatch(operation, overload, stack) != 0)
            throw new InvalidOperationException($"{operation} failed; libtorch wrote the reason to standard error.");
    }

    /// <summary>A reference of its own to a tensor; the callee takes it.</summary>
    private static ulong Handle(Tensor tensor) =>
        NewHandle(tensor.Handle, out nint handle) == 0 ? (ulong)handle : throw new InvalidOperationException("libtorch could not copy a tensor handle.");

    private static ulong List(IReadOnlyList<Tensor> tensors)
    {
        if (NewList((nuint)tensors.Count, out nint list) != 0)
            throw new InvalidOperationException("libtorch could not make a list.");
        foreach (Tensor tensor in tensors)
            _ = Push(list, Handle(tensor));
        return (ulong)list;
    }

    private static ulong Double(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libtorch_cpu.so", out nint library))
            return false; // untried elsewhere
        return new[] { "aoti_torch_call_dispatcher", "aoti_torch_new_tensor_handle", "torch_new_list_reserve_size", "torch_list_push_back" }
            .All(name => NativeLibrary.TryGetExport(library, name, out _));
    }

    [DllImport(Library, EntryPoint = "aoti_torch_call_dispatcher")]
    private static extern int Dispatch([MarshalAs(UnmanagedType.LPUTF8Str)] string operation, [MarshalAs(UnmanagedType.LPUTF8Str)] string overload, ulong* stack);

    [DllImport(Library, EntryPoint = LinearEntry)]
    private static extern int Linear(nint x, nint weight, nint* bias, [MarshalAs(UnmanagedType.LPUTF8Str)] string attribute, double** scalars, long count, byte** algorithm, nint* result);

    [DllImport(Library, EntryPoint = "aoti_torch_new_tensor_handle")]
    private static extern int NewHandle(nint original, out nint handle);

    [DllImport(Library, EntryPoint = "torch_new_list_reserve_size")]
    private static extern int NewList(nuint size, out nint list);

    [DllImport(Library, EntryPoint = "torch_list_push_back")]
    private static extern int Push(nint list, ulong value);
}
