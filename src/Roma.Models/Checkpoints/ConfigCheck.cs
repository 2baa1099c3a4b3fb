using Roma.Core;

namespace Roma.Models.Checkpoints;

/// <summary>
/// Compares a configuration with the headers of the weights it came with: the weights take real bytes on disk, so a configuration that agrees with them cannot ask
/// for more memory than they do.
/// </summary>
internal static class ConfigCheck
{
    private const string Layers = "layers.", Blocks = "visual.blocks.";

    public static void Against(Checkpoint checkpoint, ModelConfig config)
    {
        var faults = new List<string>();
        (TextConfig text, VisionConfig vision) = (config.Text, config.Vision);
        Expect("", "embed_tokens.weight", text.VocabSize, text.HiddenSize);
        Expect(Layers, "mlp.gate_proj.weight", text.IntermediateSize, text.HiddenSize);
        Expect(Layers, "self_attn.q_proj.weight", text.Heads * text.HeadDim, text.HiddenSize);
        Expect(Layers, "self_attn.k_proj.weight", text.KeyValueHeads * text.HeadDim, text.HiddenSize);
        Expect("visual.", "patch_embed.proj.weight", vision.HiddenSize, vision.InChannels, vision.TemporalPatchSize, vision.PatchSize, vision.PatchSize);
        Expect(Blocks, "attn.qkv.weight", 3 * vision.HiddenSize, vision.HiddenSize);
        if (vision.PositionEmbeddings > 0)
            Expect("visual.", "pos_embed.weight", vision.PositionEmbeddings, vision.HiddenSize);
        Count(Layers, text.Layers);
        Count(Blocks, vision.Depth);
        if (faults.Count > 0)
            throw new RomaException($"The weights in {checkpoint.Directory} do not fit its config.json: {string.Join("; ", faults)}.", "Use the configuration that belongs to the weights.");

        // One that is there at all will do: all that are missing are named when the weights are read.
        void Expect(string prefix, string suffix, params long[] shape)
        {
            string? key = checkpoint.Keys.FirstOrDefault(key => IsIn(key, prefix) && (key == prefix + suffix || key.EndsWith("." + suffix, StringComparison.Ordinal)));
            if (key is null)
                faults.Add($"{prefix}{suffix} is missing");
            else if (!checkpoint.Info(key).Shape.SequenceEqual(shape))
                faults.Add($"{key} is [{string.Join(", ", checkpoint.Info(key).Shape)}], the configuration says [{string.Join(", ", shape)}]");
        }

        void Count(string prefix, int expected)
        {
            int count = checkpoint.Keys.Where(key => IsIn(key, prefix)).Select(key => int.TryParse(key[(key.IndexOf(prefix, StringComparison.Ordinal) + prefix.Length)..].Split('.')[0], out int n) ? n : -1)
                .DefaultIfEmpty(-1).Max() + 1;
            if (count != expected)
                faults.Add($"the weights go up to {prefix}{count - 1}, the configuration says {expected} of them");
        }

        static bool IsIn(string key, string prefix) => key.StartsWith(prefix, StringComparison.Ordinal) || key.Contains("." + prefix, StringComparison.Ordinal);
    }
}
