using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>What the hand-written CPU kernels need of a tensor: its address, its row stride, and whether they may touch it at all.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>True where every tensor is fp32 on the CPU with contiguous rows whose length is a multiple of the vector width; others take the composed path.</summary>
    public static bool Fusable(int rowLength, params ReadOnlySpan<Tensor> tensors)
    {
        if (rowLength % 8 != 0)
            return false;
        foreach (Tensor tensor in tensors)
            if (tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU || tensor.stride(-1) != 1)
                return false;
        return true;
    }

    /// <summary>The address of the first element; valid while the tensor lives.</summary>
    public static float* Floats(Tensor tensor) => (float*)THSTensor_data(tensor.Handle);

    /// <summary>The address of the first element of an int64 tensor.</summary>
    public static long* Longs(Tensor tensor) => (long*)THSTensor_data(tensor.Handle);

    /// <summary>Runs a body over ranges of [0, count), one range per torch thread; ranges depend on nothing but the counts, so partial sums are reproducible.</summary>
    public static void Parallel(int count, Action<int, int, int> body)
    {
        int threads = Math.Min(Threads, count);
        if (threads <= 1)
            body(0, 0, count);
        else
            System.Threading.Tasks.Parallel.For(0, threads, thread =>
                body(thread, (int)((long)count * thread / threads), (int)((long)count * (thread + 1) / threads)));
    }

    /// <summary>How many ranges <see cref="Parallel"/> makes at most.</summary>
    public static int Threads => get_num_threads();

    [DllImport("LibTorchSharp")]
    private static extern nint THSTensor_data(nint handle);
}
