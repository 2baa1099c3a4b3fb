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

    [Theory]
    [MemberData(nameof(TinyRuns.Names), MemberType = typeof(TinyRuns))]
    public void Live_tensors_stay_flat(string name)
    {
        var counts = new List<long>();
        runs.Run("flat " + name, runs.Settings(name, 12) with { MicroPrompts = 2, SaveEvery = 5 }, new Watch(_ => counts.Add(Tensors())));
        Assert.InRange(counts[^1], 0, counts[2]);
    }

    [Fact]
    public void Two_thousand_steps_beside_a_busy_collector_leave_no_trace()
    {
        using var done = new CancellationTokenSource();
        var garbage = new Thread(() =>
        {
            for (int i = 0; !done.IsCancellationRequested; i++)
                GC.KeepAlive(new byte[64 + i % 100_000]);
        });
        garbage.Start();
        (long Tensors, double Megabytes) settled = default, last = default;
        int before = GC.CollectionCount(0);
        try
        {
            TrainingSettings settings = runs.Settings("roma, one view of half of the prompts", Steps) with { Prompts = 2, Group = 2, SaveEvery = Steps };
            runs.Run("soak", settings, new Watch(step =>
            {
                if (step == Settled)
                    settled = (Tensors(), Megabytes());
                else if (step == Steps)
                    last = (Tensors(), Megabytes());
            }));
        }
        finally
        {
            done.Cancel();
            garbage.Join();
        }
        int collections = GC.CollectionCount(0) - before;
        output.WriteLine($"{collections} collections; tensors {settled.Tensors}, then {last.Tensors}; {settled.Megabytes:F1} MB, then {last.Megabytes:F1} MB");
        Assert.InRange(collections, Steps / 10, int.MaxValue);
        Assert.InRange(last.Tensors, 0, settled.Tensors);
        Assert.InRange(last.Megabytes, 0, 1.02 * settled.Megabytes);
    }

    private static long Tensors()
    {
        Collect();
        return torch.Tensor.TotalCount;
    }

    private static double Megabytes()
    {
        Collect();
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64 / 1048576.0;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
