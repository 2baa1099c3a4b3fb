using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Roma.Tests;

/// <summary>What the C library has given out.</summary>
internal static class NativeHeap
{
    /// <summary>Bytes in use, mapped ones included; 0 where the C library does not tell.</summary>
    public static long InUse => OperatingSystem.IsLinux() && MallInfo() is var info ? (long)(info[7] + info[4]) : 0;

    /// <summary>Gives back what waits for its finalizer, so that it is not given back during a measurement.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    /// <summary>glibc's struct mallinfo2: number 7 is in use from its arenas, number 4 mapped.</summary>
    [InlineArray(10)]
    private struct MallocInfo
    {
        private nuint _first;
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    private static extern MallocInfo MallInfo();
}
