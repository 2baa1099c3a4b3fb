using System.Runtime.InteropServices;

namespace Roma.Core.Native;

/// <summary>Puts the natives of TorchSharp and OpenCvSharp in place on Linux with no package of the system: called before the first P/Invoke.</summary>
public static class NativeLibraries
{
    /// <summary>TorchSharp's native half, with libtorch below it.</summary>
    public const string Torch = "LibTorchSharp";

    /// <summary>OpenCvSharp's native half.</summary>
    public const string OpenCv = "OpenCvSharpExtern";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> LoadedFiles = [], LoadFaults = [], Remedies = [];
    private static readonly List<string> LoadWarnings = [];
    private static bool _done;

    /// <summary>The libraries that were loaded, each with the file it came from; empty where the platform needs no help.</summary>
    public static IReadOnlyDictionary<string, string> Loaded => LoadedFiles;

    /// <summary>Why a library could not be loaded, by library; shown by the first feature that needs it.</summary>
    public static IReadOnlyDictionary<string, string> Faults => LoadFaults;

    /// <summary>What loaded but may not fit.</summary>
    public static IReadOnlyList<string> Warnings => LoadWarnings;

    /// <summary>The version of the libtorch that was loaded, or null where it was not loaded here or does not say.</summary>
    public static Version? TorchVersion { get; private set; }

    /// <summary>Loads what can be loaded, once per process; never throws: see <see cref="Require"/>.</summary>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_done)
                return;
            _done = true;
            string? own = Environment.GetEnvironmentVariable("ROMA_LIBTORCH") is { Length: > 0 } folder ? folder : null;
            if (!OperatingSystem.IsLinux())
            {
                if (own is not null)
                    LoadWarnings.Add("ROMA_LIBTORCH is heeded on Linux only; the packaged libtorch is used.");
                return;
            }
            // libgomp reads it when it is loaded, and only from the C environment. Spinning threads cost a factor of ten on a busy two-core machine.
            SetEnv("OMP_WAIT_POLICY", "PASSIVE", 0);
            KeepFreedMemory();
            Try(Torch, () =>
            {
                string? file = TorchLoader.Load(own, LoadedFiles, LoadWarnings);
                TorchVersion = TorchLoader.LoadedVersion;
                return file;
            });
            Try(OpenCv, OpenCvLoader.Load);
        }
    }

    /// <summary>Fails with the reason and the remedy if a library that the caller is about to use could not be loaded.</summary>
    /// <param name="library"><see cref="Torch"/> or <see cref="OpenCv"/>.</param>
    /// <exception cref="RomaException">The library could not be loaded.</exception>
    public static void Require(string library)
    {
        EnsureLoaded();
        if (LoadFaults.TryGetValue(library, out string? fault))
            throw new RomaException($"The native library {library} could not be loaded: {fault}", Remedies[library]);
    }

    private static void Try(string library, Func<string?> load)
    {
        try
        {
            if (load() is { } file)
                LoadedFiles[library] = file;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException or RomaException)
        {
            LoadFaults[library] = NativeFault.Explain(e.Message);
            Remedies[library] = (e as RomaException)?.Remedy ?? NativeFault.Remedy;
        }
    }

    /// <summary>
    /// Tensors of a training step are tens of megabytes, which glibc maps and unmaps anew each time: the kernel then zeroes every page again (measured: 65 ms of a
    /// 77 ms step of an activation's forward and backward pass; a quarter of the time of a 100 MB weight gradient). One arena that keeps what is freed makes them plain reuse.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1, topPad = -2, mmapMax = -4, arenaMax = -8, megabyte = 1 << 20;
        try
        {
            _ = MallOpt(arenaMax, 1) & MallOpt(mmapMax, 0) & MallOpt(trimThreshold, int.MaxValue) & MallOpt(topPad, 64 * megabyte);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc (musl): its own allocator stays as it is.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int MallOpt(int parameter, int value);

    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetEnv(string name, string value, int overwrite);
}
