using System.Diagnostics;
using Roma.Training;
using TorchSharp;
using Xunit.Abstractions;

namespace Roma.Tests.Training.Runs;

/// <summary>Long runs of the real trainer: tensors and memory stay flat, also while another thread makes the collector work without pause.</summary>
[Collection(nameof(TinyRuns))]
public class SoakTests(TinyRuns runs, ITestOutputHelper output)
{
    private const int Steps = 2000, Settled = 500;
    private const int GeometryTensors = 5, Views = 4; // of two prompts, two each: so many numbers of pictures there are at most

    [Theory]
    [MemberData(nameof(TinyRuns.Names), MemberType = typeof(TinyRuns))]
    public void Live_tensors_stay_flat(string name)
    {
        var counts = new List<long>();
        runs.Run("flat " + name, runs.Settings(name, 12) with { MicroPrompts = 2, SaveEvery = 5 }, new Watch(_ => counts.Add(Tensors())));
        output.WriteLine(string.Join(" ", counts));
        // A number of pictures that a thread's pieces did not have before adds its geometry to a small cache, and nothing else stays.
        long grown = counts[2..].Zip(counts[3..], (before, after) => Math.Max(0, after - before)).Sum();
        Assert.Equal(0, grown % GeometryTensors);
        Assert.InRange(grown, 0, GeometryTensors * Views);
    }

    [Fact]
    public void Two_thousand_steps_beside_a_busy_collector_leave_no_trace()
    {
        using var done = new CancellationTokenSource();
        var garbage = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                for (int size = 64; size < 60_000; size += 2_000)
                    GC.KeepAlive(new byte[size]);
                GC.Collect(0); // how much may be allocated before the collector works depends on the processor's cache
                Thread.Sleep(5); // without it the collector takes the whole machine
            }
        });
        garbage.Start();
        (long Tensors, double Allocated, double Resident) settled = default, last = default;
        int before = GC.CollectionCount(0);
        try
        {
            TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", Steps) with { Prompts = 2, Group = 2, SaveEvery = Steps };
            runs.Run("soak", settings, new Watch(step =>
            {
                if (step == Settled)
                    settled = Measure();
                else if (step == Steps)
                    last = Measure();
            }));
        }
        finally
        {
            done.Cancel();
            garbage.Join();
        }
        int collections = GC.CollectionCount(0) - before;
        output.WriteLine($"{collections} collections; step {Settled}: {settled}; step {Steps}: {last} (MB)");
        Assert.InRange(collections, Steps / 2, int.MaxValue);
        Assert.InRange(last.Tensors, 0, settled.Tensors);
        Assert.InRange(last.Allocated, 0, 1.02 * settled.Allocated);
        Assert.InRange(last.Resident, 0, 1.1 * settled.Resident); // native allocations leave gaps of some MB
    }

    private static long Tensors()
    {
        NativeHeap.Settle();
        return torch.Tensor.TotalCount;
    }

    /// <summary>What is allocated natively and on the managed heap, where the C library tells, and what the process occupies; MB.</summary>
    private static (long Tensors, double Allocated, double Resident) Measure()
    {
        long tensors = Tensors();
        using Process self = Process.GetCurrentProcess();
        return (tensors, (NativeHeap.InUse + GC.GetTotalMemory(forceFullCollection: true)) / 1048576.0, self.WorkingSet64 / 1048576.0);
    }
}
