using System.Security.Cryptography;
using System.Text;
using Roma.Core;

namespace Roma.Training.Experiments;

/// <summary>Keeps warm starts for later demos of the same user: by recipe, seed and build of the program.</summary>
internal static class WarmStartCache
{
    /// <summary>The folder of a warm start, whether it exists or not.</summary>
    public static string PathOf(TrainingSettings settings)
    {
        string build = string.Join(' ', new[] { typeof(Trainer), typeof(Models.VisionLanguageModel), typeof(Data.StepSource), typeof(Roma.Data.IDataset), typeof(RomaException) }
            .Select(type => type.Module.ModuleVersionId));
        string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{StrictYaml.ToJson(settings with { Model = "" })} {build}")))[..16];
        return Path.Combine(UserCache.Folder ?? Path.Combine(Path.GetTempPath(), "roma"), "warm-starts", key);
    }

    /// <summary>Adds a checkpoint, unless another process was faster; a cache that cannot be written is none.</summary>
    public static void Add(string target, string checkpoint)
    {
        try
        {
            Copy(checkpoint, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"warning: the warm start was not kept for later demos: {e.Message}");
        }
    }

    /// <summary>Copies a checkpoint whole or not at all; one that stands there stays.</summary>
    public static void Copy(string checkpoint, string target)
    {
        string temporary = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            foreach (string file in Directory.GetFiles(checkpoint))
                File.Copy(file, Path.Combine(temporary, Path.GetFileName(file)), overwrite: true);
            if (!Directory.Exists(target))
                Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }
}
