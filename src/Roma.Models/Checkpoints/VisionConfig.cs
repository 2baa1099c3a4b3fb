namespace Roma.Models.Checkpoints;

/// <summary>The vision tower's sizes.</summary>
/// <param name="Depth">Number of blocks.</param>
/// <param name="HiddenSize">Width of a block.</param>
/// <param name="IntermediateSize">Width of the feed-forward layers.</param>
/// <param name="Heads">Number of attention heads; divides <paramref name="HiddenSize"/>.</param>
/// <param name="OutHiddenSize">Width of the merged features: the language model's.</param>
/// <param name="InChannels">Colour channels.</param>
/// <param name="PatchSize">Side of a patch in pixels.</param>
/// <param name="TemporalPatchSize">Copies of a picture in time.</param>
/// <param name="SpatialMergeSize">Side of the square of patches that becomes one token.</param>
/// <param name="HiddenAct">The feed-forward activation.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="PositionEmbeddings">Rows of the learned position embedding, a square number; 0 where there is none (Qwen2.5-VL).</param>
/// <param name="DeepstackLayers">Blocks whose features are added to the first decoder layers (Qwen3-VL), in order.</param>
/// <param name="WindowSize">Side of an attention window in pixels; 0 where all attend to all (Qwen3-VL).</param>
/// <param name="FullAttentionLayers">Blocks that attend beyond the window (Qwen2.5-VL).</param>
public sealed record VisionConfig(
    int Depth, int HiddenSize, int IntermediateSize, int Heads, int OutHiddenSize, int InChannels, int PatchSize, int TemporalPatchSize, int SpatialMergeSize,
    string HiddenAct, double RopeTheta, int PositionEmbeddings, IReadOnlyList<int> DeepstackLayers, int WindowSize, IReadOnlyList<int> FullAttentionLayers);
