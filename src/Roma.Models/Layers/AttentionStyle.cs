namespace Roma.Models.Layers;

/// <summary>In what the attention of the families' decoder layers differs.</summary>
/// <param name="InputBias">Whether the maps to queries, keys and values have biases.</param>
/// <param name="OutputBias">Whether the map of the heads' outputs has one.</param>
/// <param name="HeadNorm">Whether queries and keys are normalised head by head.</param>
public readonly record struct AttentionStyle(bool InputBias, bool OutputBias, bool HeadNorm);
