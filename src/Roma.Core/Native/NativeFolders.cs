namespace Roma.Core.Native;

/// <summary>Where native libraries lie, and where edited copies of them go.</summary>
internal static class NativeFolders
{
    /// <summary>The first file of that name in the program's own folders and the package cache, or null.</summary>
    public static string? Find(string file) => Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <summary>Writes a file unless it stands there already with the same bytes: in the user's cache, or where that is not writable in a fresh private folder.</summary>
    public static string WriteOnce(string name, byte[] bytes)
    {
        try
        {
            string file = Path.Combine(UserCache.Folder ?? throw new IOException("There is no home folder."), "native", name);
            if (!File.Exists(file) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
                Write(file, bytes);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string folder = Directory.CreateTempSubdirectory("roma-native-").FullName; // never a known name under /tmp: another user could have put a library there
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
            string file = Path.Combine(folder, name);
            Write(file, bytes);
            return file;
        }
    }

    private static void Write(string file, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        string temporary = $"{file}.{Environment.ProcessId}";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, file, overwrite: true); // atomic: parallel processes never see half a file
    }

    private static IEnumerable<string> Folders()
    {
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string search)
            foreach (string folder in search.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        if (AppContext.GetData("Roma.LibTorch") is string packaged)
            yield return packaged;
    }
}
