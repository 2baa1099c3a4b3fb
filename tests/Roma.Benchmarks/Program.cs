using Roma.Benchmarks.Corruptions;
using Roma.Benchmarks.Models;

// `corruptions [--quick] [NAME...]` and `models` print a table in a minute or two, `scaling` what a second worker adds to corruptions; anything else goes to
// BenchmarkDotNet (`--filter '*'`).
switch (args)
{
    case ["models", .. string[] parts]:
        return ModelShares.Run(parts);
    case ["corruptions", .. string[] rest]:
        double seconds = rest.Contains("--quick") ? 0.3 : 2;
        string[] names = [.. rest.Where(name => name != "--quick")];
        CorruptionSpeed.Run(names, seconds);
        if (names.Length == 0)
            CorruptionSpeed.Scaling(20 * seconds);
        return 0;
    case ["scaling"]:
        CorruptionSpeed.Scaling(seconds: 10);
        return 0;
    default:
        BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(CorruptionBenchmarks).Assembly).Run(args);
        return 0;
}
