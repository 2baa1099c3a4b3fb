using Roma.Benchmarks.Corruptions;

// `corruptions [--quick] [NAME...]` prints a table in a minute or two; anything else goes to BenchmarkDotNet (`--filter '*'`).
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
