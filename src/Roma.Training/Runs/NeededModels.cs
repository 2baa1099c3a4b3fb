using System.Security.Cryptography;
using System.Text;
using Roma.Models.Checkpoints;
using Roma.Models.Lora;

namespace Roma.Training.Runs;

/// <summary>The model folders that a run does not write and needs to go on: the one below its adapter, and the reference policy's.</summary>
/// <param name="Folders">The folders.</param>
public sealed record NeededModels(IReadOnlyList<string> Folders)
{
    /// <summary>What a run needs.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="model">The folder of the model that it trains or puts its adapter on.</param>
    /// <param name="reference">The folder of the reference policy; null where there is none.</param>
    public static NeededModels Of(TrainingSettings settings, string model, string? reference) => new([.. settings.Lora is null ? [] : new[] { model },
        .. reference is null ? [] : LoraAdapter.IsAdapter(reference) ? new[] { reference, LoraAdapter.BaseOf(reference) } : [reference]]);

    /// <summary>SHA-256 of what the folders hold; null where there are none.</summary>
    public string? Hash => Folders.Count == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', Folders.Select(ModelHash.Of)))));
}
