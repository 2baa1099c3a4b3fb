using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using Roma.Models.Processing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Qwen25Vl;

/// <summary>The vision tower: patch embedding, blocks with two-dimensional rotary attention within windows (a few over the whole picture), merger.</summary>
public sealed class VisionTower : VisionEncoder
{
    private readonly PatchEmbedding patch_embed;
    private readonly ModuleList<VisionBlock> blocks;
    private readonly PatchMerger merger;
    private readonly VisionConfig _config;
    private readonly GridCache<WindowGeometry> _geometries;

    /// <summary>Makes the tower.</summary>
    /// <param name="config">Geometry.</param>
    public VisionTower(VisionConfig config) : base(nameof(VisionTower))
    {
        (_config, _geometries) = (config, new((grids, device) => new(config, grids, device)));
        patch_embed = new(config, hasBias: false);
        blocks = new([.. Enumerable.Range(0, config.Depth).Select(_ => new VisionBlock(config))]);
        merger = new(config);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VisionFeatures Forward(Tensor patches_PC, IReadOnlyList<Grid> grids, Action<string, Tensor>? probe = null)
    {
        using DisposeScope scope = NewDisposeScope();
        WindowGeometry geometry = _geometries.Of(grids, patches_PC.device);
        Tensor x_PH = patch_embed.Forward(patches_PC, ComputeType);
        probe?.Invoke("vision.patch_embed", x_PH);
        long square = (long)_config.SpatialMergeSize * _config.SpatialMergeSize;
        x_PH = x_PH.view(-1, square * _config.HiddenSize).index_select(0, geometry.Order_M).view(-1, _config.HiddenSize);
        for (int i = 0; i < blocks.Count; i++)
        {
            (VisionBlock block, PackedLayout layout) = (blocks[i], _config.FullAttentionLayers.Contains(i) ? geometry.Frames : geometry.Windows);
            x_PH = Recomputed.If(Recompute, (x, angles) => block.Forward(x, angles[0], angles[1], layout), x_PH, geometry.Cos_PF, geometry.Sin_PF);
            probe?.Invoke($"vision.block.{i}", x_PH);
        }
        Tensor merged_MH = merger.Forward(x_PH).index_select(0, geometry.Back_M).MoveToOuterDisposeScope();
        probe?.Invoke("vision.merged", merged_MH);
        return new(merged_MH, []);
    }
}
