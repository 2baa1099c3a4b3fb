using Roma.Benchmarks.Models;

// "models" prints what models reach as shares of what this machine can do; everything else goes to BenchmarkDotNet.
if (args is ["models", ..])
    return ModelShares.Run(args[1..]);
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
