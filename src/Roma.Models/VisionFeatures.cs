using static TorchSharp.torch;

namespace Roma.Models;

/// <summary>What the vision tower gives the language model for a list of pictures.</summary>
/// <param name="Merged_MH">One row per merged patch [M, H], picture after picture.</param>
/// <param name="Deepstack_MH">Features for the first language layers, each [M, H].</param>
public sealed record VisionFeatures(Tensor Merged_MH, IReadOnlyList<Tensor> Deepstack_MH);
