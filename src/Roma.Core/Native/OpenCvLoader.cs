using System.Runtime.InteropServices;

namespace Roma.Core.Native;

/// <summary>OpenCV's build links GTK for its windows, which Roma never opens: a missing GUI library is replaced by an empty one of its name.</summary>
internal static class OpenCvLoader
{
    /// <summary>Loads the library and gives its file; null for a program without it.</summary>
    public static string? Load()
    {
        if (NativeFolders.Find("libOpenCvSharpExtern.so") is not { } source)
            return null;
        foreach (string name in ElfImage.Needed(File.ReadAllBytes(source)).Where(name => !NativeLibrary.TryLoad(name, out _)))
            NativeLibrary.Load(NativeFolders.WriteOnce(Path.Combine("stubs", name), ElfImage.Stub(name)));
        NativeLibrary.Load(source);
        return source;
    }
}
