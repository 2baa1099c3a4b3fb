using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Roma.Core.Native;

/// <summary>Loads libtorch, packaged or of a PyTorch installation, and TorchSharp's native half on top of it.</summary>
internal static class TorchLoader
{
    private const string Main = "libtorch_cpu.so";

    /// <summary>The version of the libtorch that was loaded.</summary>
    public static Version? LoadedVersion { get; private set; }

    /// <summary>Loads everything and gives the file of LibTorchSharp; null for a program without TorchSharp.</summary>
    /// <param name="own">A PyTorch installation instead of the package (ROMA_LIBTORCH), or null.</param>
    /// <param name="loaded">Takes the files of libtorch.</param>
    /// <param name="warnings">Takes what may not fit.</param>
    public static string? Load(string? own, IDictionary<string, string> loaded, ICollection<string> warnings)
    {
        if (NativeFolders.Find("libLibTorchSharp.so") is not { } source)
            return null;
        string? folder = own is null ? null : FolderOf(own);
        nint torch = 0;
        foreach (string name in (string[])["libc10.so", Main, "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"])
        {
            string? file = folder is null ? NativeFolders.Find(name) : Path.Combine(folder, name);
            if (!File.Exists(file))
                continue;
            torch = NativeLibrary.Load(file);
            loaded[Path.GetFileNameWithoutExtension(name)] = file;
        }
        if (torch == 0)
            throw new RomaException($"{Main} is nowhere: neither beside the program nor in the package cache.", "Run `dotnet restore`, or set ROMA_LIBTORCH to a PyTorch installation.");
        LoadedVersion = VersionOf(torch);
        byte[] image = File.ReadAllBytes(source);
        if (Version.TryParse(AppContext.GetData("Roma.LibTorchVersion") as string, out Version? built) && CheckVersion(LoadedVersion, built, folder ?? "the package") is { } warning)
            warnings.Add($"{warning}{DescribeMissing(Missing(image, torch))}");
        return LoadSharp(source, image);
    }

    /// <summary>The folder of the libraries in what the user named: site-packages, torch or torch/lib.</summary>
    /// <exception cref="RomaException">There are none.</exception>
    public static string FolderOf(string own)
    {
        string[] places = [own, Path.Combine(own, "lib"), Path.Combine(own, "torch", "lib")];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, Main)))
            ?? throw new RomaException($"ROMA_LIBTORCH={own}: {Main} is missing there (looked in {string.Join(", ", places)}).",
                "Set it to the torch folder of a PyTorch installation (`python -c \"import torch; print(torch.__path__[0])\"`), or unset it.");
    }

    /// <summary>Nothing for the same minor version, a warning for another one.</summary>
    /// <exception cref="RomaException">Another major version: that cannot fit.</exception>
    public static string? CheckVersion(Version? found, Version built, string place)
    {
        if (found is null)
            return $"libtorch of {place} does not tell its version; TorchSharp is built for {built.ToString(2)}.";
        if (found.Major != built.Major)
            throw new RomaException($"libtorch {found} of {place} does not fit: TorchSharp is built for {built.ToString(2)}.", $"Install PyTorch {built.ToString(2)}, or unset ROMA_LIBTORCH.");
        return found.Minor == built.Minor ? null : $"libtorch {found} of {place} is not the {built.ToString(2)} that TorchSharp is built for.";
    }

    /// <summary>The symbols that a library needs and that neither libtorch nor what it links has.</summary>
    internal static string[] Missing(ReadOnlySpan<byte> image, nint torch) => [.. ElfImage.Undefined(image).Where(symbol => !NativeLibrary.TryGetExport(torch, symbol, out _))];

    private static string DescribeMissing(string[] symbols) => symbols.Length == 0 ? " Every symbol that TorchSharp needs is there."
        : $" {symbols.Length} symbols that TorchSharp needs are missing, first {symbols[0]}: a call that comes to one of them ends the process.";

    /// <summary>
    /// LibTorchSharp is built with GCC 13 and asks for GLIBCXX_3.4.32, which Debian 12 and Ubuntu 22.04 lack; no symbol of that version is used on a path that
    /// matters, so where the original does not load, a copy with that need marked weak does. Its later DllImports find the image by SONAME.
    /// </summary>
    private static string LoadSharp(string source, byte[] image)
    {
        if (NativeLibrary.TryLoad(source, out _))
            return source;
        if (ElfImage.WeakenVersions(image, version => version is "GLIBCXX_3.4.31" or "GLIBCXX_3.4.32") == 0)
            NativeLibrary.Load(source); // throws the loader's own message
        string copy = NativeFolders.WriteOnce(Path.Combine("torchsharp", Convert.ToHexString(SHA256.HashData(image))[..16], "libLibTorchSharp.so"), image);
        NativeLibrary.Load(copy);
        return copy;
    }

    /// <summary>libtorch's C interface tells it as one number: major, minor and patch in its upper bytes.</summary>
    private static unsafe Version? VersionOf(nint torch)
    {
        if (!NativeLibrary.TryGetExport(torch, "aoti_torch_abi_version", out nint function))
            return null;
        ulong version = ((delegate* unmanaged[Cdecl]<ulong>)function)();
        return new Version((int)(version >> 56), (int)(version >> 48 & 0xff), (int)(version >> 40 & 0xff));
    }
}
