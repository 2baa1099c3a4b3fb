namespace Roma.Models.Qwen3Vl;

/// <summary>What <c>config.json</c> says of a Qwen3-VL checkpoint.</summary>
/// <param name="Text">Language model.</param>
/// <param name="Vision">Vision tower.</param>
/// <param name="ImageTokenId">The placeholder that picture features replace.</param>
/// <param name="VideoTokenId">The placeholder of videos; never sampled.</param>
/// <param name="VisionStartTokenId">Opens a picture; never sampled.</param>
/// <param name="VisionEndTokenId">Closes a picture; never sampled.</param>
public sealed record Qwen3VlConfig(TextConfig Text, VisionConfig Vision, int ImageTokenId, int VideoTokenId, int VisionStartTokenId, int VisionEndTokenId);
