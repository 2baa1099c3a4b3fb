using System.Diagnostics;
using System.Globalization;
using Roma.Core;
using Roma.Core.Native;
using Spectre.Console;
using TorchSharp;

namespace Roma.Cli.Verbs;

/// <summary>Says what the program runs on and with.</summary>
internal sealed class DoctorVerb : Verb
{
    private const int Size = 2048;

    public DoctorVerb(Terminal terminal) : base("doctor", "Show what Roma runs on: machine, native libraries, devices and a quick measure of speed.",
        "roma doctor                                   # everything, about two seconds",
        "ROMA_LIBTORCH=/opt/pytorch roma doctor        # with the libtorch of a PyTorch installation") => SetAction(_ => Run(terminal));

    /// <summary>A libtorch that does not load is what it reports.</summary>
    public override bool UsesTorch => false;

    private static int Run(Terminal terminal)
    {
        var facts = new Table().AddColumns("what", "value").HideHeaders().Border(TableBorder.None);
        foreach ((string name, string value) in Machine.Describe())
            Add(name, value);
        Add("free memory", Machine.FreeMemory is { } free ? string.Create(CultureInfo.InvariantCulture, $"{free / 1e9:F1} GB") : "unknown");
        foreach ((string library, string file) in NativeLibraries.Loaded)
            Add(library, file);
        foreach ((string library, string fault) in NativeLibraries.Faults)
            Add(library, $"NOT LOADED: {fault}");
        if (!NativeLibraries.Faults.ContainsKey(NativeLibraries.Torch))
        {
            Add("libtorch version", NativeLibraries.TorchVersion?.ToString() ?? "unknown");
            Add("threads", $"{torch.get_num_threads()} ({torch.get_num_interop_threads()} between operations)");
            Add("vector units", Machine.VectorUnits);
            Add("CUDA", torch.cuda.is_available() ? $"{torch.cuda.device_count()} device(s)" : "not available");
            Add("float32 matmul", string.Create(CultureInfo.InvariantCulture, $"{Gigaflops():F0} GFLOPS ({Size} x {Size})"));
        }
        terminal.Console.Write(facts);
        return NativeLibraries.Faults.Count == 0 ? Application.Done : Application.UserFault;

        void Add(string name, string value) => facts.AddRow(new Text(name), new Text(value));
    }

    /// <summary>The best of three products.</summary>
    private static double Gigaflops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable grad = torch.no_grad();
        torch.Tensor a = torch.rand(Size, Size), b = torch.rand(Size, Size);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 3; i++)
        {
            long start = Stopwatch.GetTimestamp();
            a.matmul(b).Dispose();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best / 1e9;
    }
}
