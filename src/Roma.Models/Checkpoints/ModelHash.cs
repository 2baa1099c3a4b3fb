using System.Security.Cryptography;
using System.Text;
using Roma.Models.Lora;

namespace Roma.Models.Checkpoints;

/// <summary>Tells models apart by what they hold, wherever they lie.</summary>
public static class ModelHash
{
    // What a checkpoint of a training run holds besides its model.
    private static readonly string[] OfTraining = ["optimizer.safetensors", "average.safetensors", "training_state.json"];

    /// <summary>SHA-256 of the weights, configuration and tokenizer in a model folder, each file with its name; of an adapter's, those of the model below it too.</summary>
    /// <param name="directory">The folder.</param>
    public static string Of(string directory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles()
            .Where(file => file.Extension is ".safetensors" or ".json" or ".jinja" or ".txt" && !OfTraining.Contains(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            using FileStream content = file.OpenRead();
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(file.Name)));
            hash.AppendData(SHA256.HashData(content));
        }
        if (LoraAdapter.IsAdapter(directory))
            hash.AppendData(Encoding.UTF8.GetBytes(Of(LoraAdapter.BaseOf(directory))));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
