using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Layers;

namespace Roma.Models.Qwen25Vl;

/// <summary>Qwen2.5-VL (technical report, arXiv 2502.13923): attention within windows in most blocks of the vision tower, multimodal rotary positions in consecutive sections.</summary>
[Name("qwen2_5_vl")]
public sealed record Qwen25VlFamily : IModelFamily
{
    private const string VisualPrefix = "model.visual.", LanguagePrefix = "model.language_model.";

    /// <inheritdoc/>
    public string Architecture => "Qwen2_5_VLForConditionalGeneration";

    /// <inheritdoc/>
    public ChatFormat Chat => ChatFormat.Qwen25Vl;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IModelSize> Sizes => Qwen25VlSize.Named;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(ModelConfig config)
    {
        if (config.Text.HiddenAct != "silu")
            yield return $"hidden_act is {config.Text.HiddenAct}, supported is silu";
        if (config.Vision.HiddenAct != "silu")
            yield return $"vision_config.hidden_act is {config.Vision.HiddenAct}, supported is silu";
        if (config.Text.MropeInterleaved)
            yield return "mrope_interleaved is true, supported is false";
        if (config.Vision.WindowSize < config.Vision.PatchSize * config.Vision.SpatialMergeSize)
            yield return $"vision_config.window_size is {config.Vision.WindowSize}, which holds no token of {config.Vision.PatchSize * config.Vision.SpatialMergeSize} pixels";
        if (config.Text.SlidingWindow)
            yield return "use_sliding_window is true, which is not supported";
    }

    /// <inheritdoc/>
    public VisionEncoder Vision(VisionConfig config) => new VisionTower(config);

    /// <inheritdoc/>
    public LanguageModel Language(TextConfig config) => new(config, new AttentionStyle(InputBias: true, OutputBias: false, HeadNorm: false));

    /// <inheritdoc/>
    public string StoredKey(string parameter) =>
        parameter.StartsWith(VisualPrefix, StringComparison.Ordinal) ? "visual." + parameter[VisualPrefix.Length..]
        : parameter.StartsWith(LanguagePrefix, StringComparison.Ordinal) ? "model." + parameter[LanguagePrefix.Length..]
        : parameter;
}
