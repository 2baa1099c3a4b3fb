namespace Roma.Models.Qwen3Vl;

/// <summary>Geometry of the vision tower, as <c>config.json</c> states it.</summary>
/// <param name="Depth">Number of blocks.</param>
/// <param name="HiddenSize">Width of a patch.</param>
/// <param name="IntermediateSize">Width of the MLP.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="InChannels">Colour channels.</param>
/// <param name="PatchSize">Side of a patch in pixels.</param>
/// <param name="TemporalPatchSize">Frames of a patch; a picture is repeated.</param>
/// <param name="SpatialMergeSize">Side of the square of patches that becomes one token.</param>
/// <param name="NumPositionEmbeddings">Rows of the position table, a square number.</param>
/// <param name="OutHiddenSize">Width of the language model.</param>
/// <param name="DeepstackIndexes">Blocks whose features are added to the first layers of the language model.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
public sealed record VisionConfig(int Depth, int HiddenSize, int IntermediateSize, int Heads, int InChannels, int PatchSize, int TemporalPatchSize, int SpatialMergeSize,
    int NumPositionEmbeddings, int OutHiddenSize, IReadOnlyList<int> DeepstackIndexes, double RopeTheta = 10000)
{
    /// <summary>Columns of a flattened patch: channels x frames x side x side.</summary>
    public int PatchColumns => InChannels * TemporalPatchSize * PatchSize * PatchSize;
}
