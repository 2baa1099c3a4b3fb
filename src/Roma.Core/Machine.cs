using System.Reflection;
using System.Runtime.InteropServices;

namespace Roma.Core;

/// <summary>What a result depends on besides its configuration: program, commit and computer.</summary>
public static class Machine
{
    /// <summary>The commit that the program was built from, or null where it was not built from a repository.</summary>
    public static string? Commit { get; } = Version(typeof(Machine).Assembly).Split('+', 2) is [_, var commit] ? commit : null;

    /// <summary>The processor's name as the system gives it.</summary>
    public static string Processor { get; } = Line("/proc/cpuinfo", "model name") ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The widest vector instructions that bear on speed here, for example <c>avx2, avx512f, amx_bf16</c>.</summary>
    public static string VectorUnits
    {
        get
        {
            string[] flags = Line("/proc/cpuinfo", "flags")?.Split(' ') ?? [];
            string[] known = [.. ((string[])["avx2", "avx512f", "avx512_bf16", "amx_bf16"]).Where(flags.Contains)];
            return known.Length > 0 ? string.Join(", ", known) : $"{System.Numerics.Vector<byte>.Count * 8} bits";
        }
    }

    /// <summary>Memory that this process may use in all, in bytes: the machine's or a container's limit. The garbage collector's own figure is a part of either.</summary>
    public static long TotalMemory => Memory("MemTotal") is { } all ? Math.Min(all, long.TryParse(Line("/sys/fs/cgroup/memory.max", ""), out long limit) ? limit : all) : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Memory that is free now, in bytes, or null where the system does not say.</summary>
    public static long? FreeMemory => Memory("MemAvailable");

    /// <summary>Everything above as names and values, for logs.</summary>
    public static IReadOnlyDictionary<string, string> Describe() => new OrderedDictionary<string, string>
    {
        ["version"] = Version(typeof(Machine).Assembly).Split('+')[0],
        ["commit"] = Commit ?? "unknown",
        ["system"] = $"{RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture})",
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["processor"] = Processor,
        ["cores"] = $"{Environment.ProcessorCount}",
        ["memory"] = FormattableString.Invariant($"{TotalMemory / 1e9:F1} GB"),
    };

    private static string Version(Assembly assembly) => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private static long? Memory(string key) => Line("/proc/meminfo", key)?.Split(' ') is [var kilobytes, ..] && long.TryParse(kilobytes, out long value) ? value * 1024 : null;

    private static string? Line(string file, string key)
    {
        if (!File.Exists(file))
            return null;
        return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
    }
}
