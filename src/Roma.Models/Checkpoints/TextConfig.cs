namespace Roma.Models.Checkpoints;

/// <summary>The language model's sizes.</summary>
/// <param name="VocabSize">Rows of the embedding.</param>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="IntermediateSize">Width of the gated feed-forward layers.</param>
/// <param name="Layers">Number of decoder layers.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Width of a head; even.</param>
/// <param name="RmsNormEps">Added to mean squares.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="MropeSection">Rotary frequency pairs of time, height, width; they add up to half of <paramref name="HeadDim"/>.</param>
/// <param name="MropeInterleaved">Whether the sections alternate (Qwen3-VL) instead of following each other (Qwen2.5-VL).</param>
/// <param name="HiddenAct">The feed-forward activation.</param>
/// <param name="AttentionBias">Whether the attention projections have biases, where the family leaves it open.</param>
/// <param name="MaxPositions">Longest context.</param>
/// <param name="SlidingWindow">Whether layers see only the nearest tokens.</param>
public sealed record TextConfig(
    int VocabSize, int HiddenSize, int IntermediateSize, int Layers, int Heads, int KeyValueHeads, int HeadDim, double RmsNormEps, double RopeTheta,
    IReadOnlyList<int> MropeSection, bool MropeInterleaved, string HiddenAct, bool AttentionBias, int MaxPositions, bool SlidingWindow = false);
