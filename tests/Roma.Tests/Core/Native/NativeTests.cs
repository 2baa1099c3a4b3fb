using System.Runtime.InteropServices;
using Roma.Core;
using Roma.Core.Native;

namespace Roma.Tests.Core.Native;

public class NativeTests
{
    [SkippableFact]
    public void A_stub_is_a_library_that_the_loader_takes()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "ELF stubs are for Linux on x64");
        using var folder = new TemporaryFolder();
        string file = folder.File("libroma-stub-test.so.3");
        File.WriteAllBytes(file, ElfImage.Stub("libroma-stub-test.so.3"));
        NativeLibrary.Load(file);
        Assert.True(NativeLibrary.TryLoad("libroma-stub-test.so.3", out _), "found again by its name alone");
    }

    [SkippableFact]
    public void Reads_and_weakens_a_real_library()
    {
        string? file = NativeFolders.Find("libLibTorchSharp.so");
        Skip.If(file is null, "LibTorchSharp for Linux is not here");
        byte[] image = File.ReadAllBytes(file), before = [.. image];
        Assert.Contains("libtorch_cpu.so", ElfImage.Needed(image));
        Assert.Contains(ElfImage.Undefined(image), symbol => symbol.StartsWith("_ZN2at", StringComparison.Ordinal));
        Assert.Equal(0, ElfImage.WeakenVersions(image, version => version == "GLIBCXX_9.9.9"));
        Assert.Equal(before, image);
        int changed = ElfImage.WeakenVersions(image, version => version is "GLIBCXX_3.4.31" or "GLIBCXX_3.4.32");
        Assert.InRange(changed, 1, 2);
        Assert.InRange(image.Zip(before).Count(pair => pair.First != pair.Second), 0, changed);
    }

    [Fact]
    public void What_is_no_library_is_told_as_such()
    {
        Assert.Throws<BadImageFormatException>(() => ElfImage.Needed("MZ nothing"u8));
        Assert.Throws<BadImageFormatException>(() => ElfImage.Needed([]));
    }

    [SkippableFact]
    public void The_loaded_libtorch_has_every_torch_symbol_that_TorchSharp_needs()
    {
        Skip.IfNot(NativeLibraries.Loaded.TryGetValue("libtorch", out string? torch), "libtorch was not loaded here");
        Assert.Equal(Version.Parse((string)AppContext.GetData("Roma.LibTorchVersion")!), NativeLibraries.TorchVersion);
        string[] missing = TorchLoader.Missing(File.ReadAllBytes(NativeFolders.Find("libLibTorchSharp.so")!), NativeLibrary.Load(torch));
        Assert.DoesNotContain(missing, symbol => symbol.Contains("torch", StringComparison.Ordinal) || symbol.Contains("2at", StringComparison.Ordinal) || symbol.Contains("3c10", StringComparison.Ordinal));
        string[] lacking = TorchLoader.Missing(File.ReadAllBytes(NativeFolders.Find("libLibTorchSharp.so")!), NativeLibrary.Load(NativeLibraries.Loaded["libc10"]));
        Assert.Contains(lacking, symbol => symbol.Contains("2at", StringComparison.Ordinal)); // libc10 alone is not enough: the check sees what is missing
    }

    [Fact]
    public void A_folder_of_a_PyTorch_installation_is_found_at_three_levels()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder.File("site/torch/lib/libtorch_cpu.so"), "");
        string lib = folder.File("site/torch/lib");
        Assert.Equal([lib, lib, lib], new[] { lib, folder.File("site/torch"), folder.File("site") }.Select(TorchLoader.FolderOf));
        var fault = Assert.Throws<RomaException>(() => TorchLoader.FolderOf(folder.Path));
        Assert.Contains("libtorch_cpu.so is missing there", fault.Message, StringComparison.Ordinal);
        Assert.Contains("python -c", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_fit_by_major_and_are_warned_of_by_minor()
    {
        var built = new Version(2, 10, 0);
        Assert.Null(TorchLoader.CheckVersion(new Version(2, 10, 1), built, "x"));
        Assert.Equal("libtorch 2.11.0 of x is not the 2.10 that TorchSharp is built for.", TorchLoader.CheckVersion(new Version(2, 11, 0), built, "x"));
        Assert.Contains("does not tell its version", TorchLoader.CheckVersion(null, built, "x"), StringComparison.Ordinal);
        Assert.Contains("does not fit", Assert.Throws<RomaException>(() => TorchLoader.CheckVersion(new Version(3, 0, 0), built, "x")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unable to load shared library 'x' or one of its dependencies.\n/a/libLibTorchSharp.so: undefined symbol: _ZN2at5emptyEv\n", "/a/libLibTorchSharp.so needs the symbol _ZN2at5emptyEv, which no loaded library has: the libraries are of different versions.")]
    [InlineData("/lib/libc.so.6: version `GLIBC_2.38' not found (required by /a/libtorch_cpu.so)", "/a/libtorch_cpu.so needs GLIBC_2.38, which /lib/libc.so.6 of this system lacks.")]
    [InlineData("libcudart.so.12: cannot open shared object file: No such file or directory", "libcudart.so.12 is missing.")]
    [InlineData("Unable to load shared library 'x'. Consider LD_DEBUG: \n/a/libtorch_cpu.so: file too short\n", "/a/libtorch_cpu.so: file too short")]
    [InlineData("something else", "something else")]
    public void The_loaders_message_is_put_in_one_sentence(string message, string expected) => Assert.Equal(expected, NativeFault.Explain(message));

    [Fact]
    public void Requiring_what_is_loaded_passes() => NativeLibraries.Require(NativeLibraries.OpenCv);
}
