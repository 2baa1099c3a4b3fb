using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Benchmarks.Models;

/// <summary>What this machine can do at best, as libtorch reaches it.</summary>
internal static class Limits
{
    /// <summary>
    /// Seconds of the fastest of some runs: of the clock, or of the processors divided by the threads, which a busy neighbour lengthens much less.
    /// </summary>
    public static (double Clock, double Processor) Best(int runs, Action action)
    {
        (double clock, double processor) = (double.PositiveInfinity, double.PositiveInfinity);
        for (int i = 0; i < runs; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            (long start, TimeSpan used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            action();
            clock = Math.Min(clock, Stopwatch.GetElapsedTime(start).TotalSeconds);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - used).TotalSeconds / get_num_threads());
        }
        return (clock, processor);
    }

    /// <summary>Seconds of a matrix product [rows, inner] x [inner, columns].</summary>
    public static (double Clock, double Processor) Product(ScalarType type, long rows = 2048, long inner = 2048, long columns = 2048, int runs = 5)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(rows, inner).to(type), b = randn(inner, columns).to(type);
        return Best(runs, () => a.mm(b));
    }

    /// <summary>Seconds of a sum over 400 MB.</summary>
    public static (double Clock, double Processor) Sum()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ones(100_000_000);
        return Best(7, () => values.sum());
    }
}
