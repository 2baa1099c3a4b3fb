using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Layers;

namespace Roma.Models.Qwen3Vl;

/// <summary>Dense Qwen3-VL (technical report, arXiv 2511.21631): deepstack features, queries and keys normalised, interleaved multimodal rotary positions.</summary>
[Name("qwen3_vl")]
public sealed record Qwen3VlFamily : IModelFamily
{
    /// <inheritdoc/>
    public string Architecture => "Qwen3VLForConditionalGeneration";

    /// <inheritdoc/>
    public ChatFormat Chat => ChatFormat.Qwen3Vl;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IModelSize> Sizes => Qwen3VlSize.Named;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(ModelConfig config)
    {
        if (config.Text.HiddenAct != "silu")
            yield return $"hidden_act is {config.Text.HiddenAct}, supported is silu";
        if (config.Vision.HiddenAct != "gelu_pytorch_tanh")
            yield return $"vision_config.hidden_act is {config.Vision.HiddenAct}, supported is gelu_pytorch_tanh";
        if (!config.Text.MropeInterleaved)
            yield return "mrope_interleaved is false, supported is true";
        if (config.Vision.PositionEmbeddings == 0)
            yield return "vision_config.num_position_embeddings is missing";
    }

    /// <inheritdoc/>
    public VisionEncoder Vision(VisionConfig config) => new VisionTower(config);

    /// <inheritdoc/>
    public LanguageModel Language(TextConfig config) => new(config, new AttentionStyle(InputBias: config.AttentionBias, OutputBias: config.AttentionBias, HeadNorm: true));

    /// <inheritdoc/>
    public string StoredKey(string parameter) => parameter;
}
