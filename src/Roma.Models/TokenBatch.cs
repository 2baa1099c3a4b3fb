using Roma.Models.Layers;
using Roma.Models.Lora;
using static TorchSharp.torch;

namespace Roma.Models;

/// <summary>Token rows of a packed batch on their device.</summary>
/// <param name="Ids_N">Token ids [N], int64.</param>
/// <param name="Cos_NF">Rotary cosines [N, D / 2].</param>
/// <param name="Sin_NF">Rotary sines [N, D / 2].</param>
/// <param name="VisualRows_M">Rows that picture features replace [M], int64, in the order of the features; null without pictures.</param>
/// <param name="Layout">How the rows are packed.</param>
public sealed record TokenBatch(Tensor Ids_N, Tensor Cos_NF, Tensor Sin_NF, Tensor? VisualRows_M, PackedLayout Layout)
{
    /// <summary>What adapters drop in this pass; null: nothing.</summary>
    internal DropoutRows? Dropout { get; init; }
}
