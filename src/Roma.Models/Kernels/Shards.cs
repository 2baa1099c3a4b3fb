using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Roma.Models.Kernels;

/// <summary>
/// Independent pieces of work side by side, each on a thread whose tensor operations stay on that thread. Many small operations in a row (decoding a small model: 90 of about 0.1 ms per token)
/// lose a fifth of their time where two threads meet after every one of them.
/// </summary>
public static class Shards
{
    private static readonly Lock Entry = new();
    private static readonly List<BlockingCollection<Action>> Threads = [];

    /// <summary>Runs the pieces and waits for all of them.</summary>
    /// <param name="count">How many; at most as many as torch threads make sense.</param>
    /// <param name="body">Gets the piece's number, from 0. Dispose scopes and no_grad of the calling thread do not reach it.</param>
    /// <exception cref="Exception">What the first piece that failed threw.</exception>
    public static void Run(int count, Action<int> body)
    {
        if (count == 1)
        {
            body(0);
            return;
        }
        lock (Entry)
        {
            while (Threads.Count < count)
                Threads.Add(Start());
            using var done = new CountdownEvent(count);
            var faults = new Exception?[count];
            for (int i = 0; i < count; i++)
            {
                int piece = i;
                Threads[i].Add(() =>
                {
                    try
                    {
                        body(piece);
                    }
                    catch (Exception fault)
                    {
                        faults[piece] = fault;
                    }
                    done.Signal();
                });
            }
            done.Wait();
            if (faults.FirstOrDefault(fault => fault is not null) is { } first)
                ExceptionDispatchInfo.Throw(first);
        }
    }

    private static BlockingCollection<Action> Start()
    {
        (int threads, var work) = (get_num_threads(), new BlockingCollection<Action>());
        using var ready = new ManualResetEventSlim();
        new Thread(() =>
        {
            _ = get_num_threads(); // a thread takes its number from the process at the first question, and would overwrite what was set before
            set_num_threads(1); // of this thread; but also what threads yet to come begin with
            ready.Set();
            foreach (Action piece in work.GetConsumingEnumerable())
                piece();
        })
        { IsBackground = true, Name = "shard" }.Start();
        ready.Wait();
        set_num_threads(threads);
        return work;
    }
}
