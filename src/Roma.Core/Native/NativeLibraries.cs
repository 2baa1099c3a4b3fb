using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Roma.Core.Native;

/// <summary>Puts the natives of TorchSharp and OpenCvSharp in place on Linux with no package of the system: called before the first P/Invoke.</summary>
public static class NativeLibraries
{
    private static readonly Lock Gate = new();
    private static bool _done;

    /// <summary>The libraries that were loaded, each with the file it came from; empty where the platform needs no help.</summary>
    public static IReadOnlyDictionary<string, string> Loaded => LoadedFiles;

    private static readonly Dictionary<string, string> LoadedFiles = [];

    /// <summary>Why a library could not be loaded, by library; shown by the first feature that needs it.</summary>
    public static IReadOnlyDictionary<string, string> Faults => LoadFaults;

    private static readonly Dictionary<string, string> LoadFaults = [];

    /// <summary>Loads what can be loaded, once per process; never throws: see <see cref="Require"/>.</summary>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_done)
                return;
            _done = true;
            if (!OperatingSystem.IsLinux())
                return;
            // libgomp reads it when it is loaded, and only from the C environment. Spinning threads cost a factor of ten on a busy two-core machine.
            SetEnv("OMP_WAIT_POLICY", "PASSIVE", 0);
            KeepFreedMemory();
            Try("LibTorchSharp", LoadTorch);
            Try("OpenCvSharpExtern", LoadOpenCv);
        }
    }

    /// <summary>Fails with the reason and the remedy if a library that the caller is about to use could not be loaded.</summary>
    /// <param name="library">"LibTorchSharp" or "OpenCvSharpExtern".</param>
    /// <exception cref="RomaException">The library could not be loaded.</exception>
    public static void Require(string library)
    {
        EnsureLoaded();
        if (LoadFaults.TryGetValue(library, out string? fault))
            throw new RomaException($"The native library {library} could not be loaded: {fault}",
                "Run `dotnet restore` again, or set ROMA_LIBTORCH to a PyTorch installation's lib folder; on Linux glibc 2.31 and libstdc++ 6 (GCC 9) or newer are needed.");
    }

    private static void Try(string library, Func<string?> load)
    {
        try
        {
            if (load() is { } file)
                LoadedFiles[library] = file;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException or RomaException)
        {
            LoadFaults[library] = e.Message;
        }
    }

    /// <summary>
    /// LibTorchSharp is built with GCC 13 and asks for GLIBCXX_3.4.32, which Debian 12 and Ubuntu 22.04 lack; no symbol of that version is used on a path that
    /// matters, so where the original does not load, a copy with that need marked weak does. Its later DllImports find the image by SONAME.
    /// </summary>
    private static string? LoadTorch()
    {
        string? source = Find("libLibTorchSharp.so");
        if (source is null)
            return null; // a program without TorchSharp
        foreach (string name in (string[])["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"])
            if (Find(name) is { } dependency)
                NativeLibrary.Load(dependency);
        if (NativeLibrary.TryLoad(source, out _))
            return source;
        byte[] image = File.ReadAllBytes(source);
        if (ElfImage.WeakenVersions(image, version => version is "GLIBCXX_3.4.31" or "GLIBCXX_3.4.32") == 0)
            NativeLibrary.Load(source); // throws the loader's own message
        string copy = WriteOnce(Path.Combine("torchsharp", Convert.ToHexString(SHA256.HashData(image))[..16], "libLibTorchSharp.so"), image);
        NativeLibrary.Load(copy);
        return copy;
    }

    /// <summary>OpenCV's build links GTK for its windows, which Roma never opens: a missing GUI library is replaced by an empty one of its name.</summary>
    private static string? LoadOpenCv()
    {
        string? source = Find("libOpenCvSharpExtern.so");
        if (source is null)
            return null;
        foreach (string name in ElfImage.Needed(File.ReadAllBytes(source)).Where(name => !NativeLibrary.TryLoad(name, out _)))
        {
            string stub = WriteOnce(Path.Combine("stubs", name), ElfImage.Stub(name));
            NativeLibrary.Load(stub);
        }
        NativeLibrary.Load(source);
        return source;
    }

    private static string? Find(string file) => Directories().Select(directory => Path.Combine(directory, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Directories()
    {
        if (Environment.GetEnvironmentVariable("ROMA_LIBTORCH") is { Length: > 0 } own)
        {
            yield return own;
            yield return Path.Combine(own, "lib");
        }
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string search)
            foreach (string directory in search.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return directory;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        if (AppContext.GetData("Roma.LibTorch") is string packaged)
            yield return packaged;
    }

    private static string WriteOnce(string name, byte[] bytes)
    {
        string[] roots =
        [
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "roma", "native"),
            Path.Combine(Path.GetTempPath(), "roma-native-" + Environment.UserName),
        ];
        IOException? last = null;
        foreach (string root in roots)
        {
            try
            {
                string file = Path.Combine(root, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
                    return file;
                string temporary = $"{file}.{Environment.ProcessId}";
                File.WriteAllBytes(temporary, bytes);
                File.Move(temporary, file, overwrite: true); // atomic: parallel processes never see half a file
                return file;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                last = new IOException($"no writable folder for {name} (tried {string.Join(", ", roots)}): {e.Message}", e);
            }
        }
        throw last!;
    }

    /// <summary>
    /// Tensors of a training step are tens of megabytes, which glibc maps and unmaps anew each time: the kernel then zeroes every page again (measured: 65 ms of a
    /// 77 ms step of an activation's forward and backward pass). One arena that keeps what is freed up to 32 MB a block makes them plain reuse.
    /// </summary>
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1, topPad = -2, mmapThreshold = -3, arenaMax = -8, megabyte = 1 << 20;
        try
        {
            _ = MallOpt(arenaMax, 1) & MallOpt(mmapThreshold, 32 * megabyte) & MallOpt(trimThreshold, int.MaxValue) & MallOpt(topPad, 64 * megabyte);
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
