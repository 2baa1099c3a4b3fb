using Roma.Models.Processing;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>A family's vision tower.</summary>
/// <param name="name">The module's name.</param>
public abstract class VisionEncoder(string name) : nn.Module(name)
{
    /// <summary>The type in which it computes; weights of another type are cast where they are used. Null: the weights' own.</summary>
    public ScalarType? ComputeType { get; set; }

    /// <summary>Whether blocks keep their inputs alone for the backward pass and compute the rest again.</summary>
    public bool Recompute { get; set; }

    /// <summary>Encodes pictures.</summary>
    /// <param name="patches_PC">Flattened patches [P, channels x frames x side x side], picture after picture in merge order.</param>
    /// <param name="grids">The grid of each picture.</param>
    /// <param name="probe">Shown each intermediate by the name that the reference values use.</param>
    public abstract VisionFeatures Forward(Tensor patches_PC, IReadOnlyList<Grid> grids, Action<string, Tensor>? probe = null);
}
