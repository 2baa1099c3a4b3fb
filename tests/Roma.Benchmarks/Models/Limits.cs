using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Benchmarks.Models;

/// <summary>What this machine can do at best, as libtorch reaches it.</summary>
internal static class Limits
{
    /// <summary>Seconds of the fastest of some runs.</summary>
    public static double Best(int runs, Action action)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < runs; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    /// <summary>Floating-point operations a second of a matrix product [rows, inner] x [inner, columns].</summary>
    public static double Product(ScalarType type, long rows = 2048, long inner = 2048, long columns = 2048, int runs = 5)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(rows, inner).to(type), b = randn(inner, columns).to(type);
        return 2.0 * rows * inner * columns / Best(runs, () => a.mm(b));
    }

    /// <summary>Bytes a second that a sum over 400 MB reads.</summary>
    public static double Bandwidth()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ones(100_000_000);
        return 4e8 / Best(7, () => values.sum());
    }
}
