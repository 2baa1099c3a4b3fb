using Roma.Core;

namespace Roma.Models.Checkpoints;

/// <summary>
/// Compares a configuration with the headers of the weights it came with: the weights take real bytes on disk, so a configuration that agrees with them cannot ask
/// for more memory than they do.
/// </summary>
internal static class ConfigCheck
{
    public static void Against(Checkpoint checkpoint, ModelConfig config)
    {
        var faults = new List<string>();
        (TextConfig text, VisionConfig vision) = (config.Text, config.Vision);
        Expect("embed_tokens.weight", text.VocabSize, text.HiddenSize);
        Expect("layers.0.mlp.gate_proj.weight", text.IntermediateSize, text.HiddenSize);
        Expect("layers.0.self_attn.q_proj.weight", text.Heads * text.HeadDim, text.HiddenSize);
        Expect("layers.0.self_attn.k_proj.weight", text.KeyValueHeads * text.HeadDim, text.HiddenSize);
        Expect("visual.patch_embed.proj.weight", vision.HiddenSize, vision.InChannels, vision.TemporalPatchSize, vision.PatchSize, vision.PatchSize);
        Expect("visual.blocks.0.attn.qkv.weight", 3 * vision.HiddenSize, vision.HiddenSize);
        if (vision.PositionEmbeddings > 0)
            Expect("visual.pos_embed.weight", vision.PositionEmbeddings, vision.HiddenSize);
        Count("layers.", ".self_attn.q_proj.weight", text.Layers);
        Count("visual.blocks.", ".attn.qkv.weight", vision.Depth);
        if (faults.Count > 0)
            throw new RomaException($"The weights in {checkpoint.Directory} do not fit its config.json: {string.Join("; ", faults)}.", "Use the configuration that belongs to the weights.");

        void Expect(string suffix, params long[] shape)
        {
            string? key = checkpoint.Keys.FirstOrDefault(key => key == suffix || key.EndsWith("." + suffix, StringComparison.Ordinal));
            if (key is null)
                faults.Add($"{suffix} is missing");
            else if (!checkpoint.Info(key).Shape.SequenceEqual(shape))
                faults.Add($"{key} is [{string.Join(", ", checkpoint.Info(key).Shape)}], the configuration says [{string.Join(", ", shape)}]");
        }

        void Count(string prefix, string suffix, int expected)
        {
            int count = checkpoint.Keys.Count(key => key.EndsWith(suffix, StringComparison.Ordinal) && (key.StartsWith(prefix, StringComparison.Ordinal) || key.Contains("." + prefix, StringComparison.Ordinal)));
            if (count != expected)
                faults.Add($"there are {count} weights {prefix}N{suffix}, the configuration says {expected}");
        }
    }
}
