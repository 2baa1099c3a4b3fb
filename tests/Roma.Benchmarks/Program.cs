using Roma.Benchmarks.Corruptions;

// `corruptions [--quick] [NAME...]` prints a table, `corruptions --quick` alone in two minutes, and what a second worker adds; `scaling` prints that alone; anything
// else goes to BenchmarkDotNet (`--filter '*'`).
if (args is ["scaling"])
{
    CorruptionSpeed.Scaling(seconds: 10);
    return;
}
if (args is ["corruptions", .. string[] rest])
{
    double seconds = rest.Contains("--quick") ? 0.3 : 2;
    string[] names = [.. rest.Where(name => name != "--quick")];
    CorruptionSpeed.Run(names, seconds);
    if (names.Length == 0)
        CorruptionSpeed.Scaling(20 * seconds);
    return;
}
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(CorruptionBenchmarks).Assembly).Run(args);
