using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Processing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>The vision tower: patch embedding, interpolated learned positions, blocks with two-dimensional rotary attention, mergers.</summary>
public sealed class VisionTower : VisionEncoder
{
    private readonly PatchEmbedding patch_embed;
    private readonly EmbeddingTable pos_embed;
    private readonly ModuleList<VisionBlock> blocks;
    private readonly PatchMerger merger;
    private readonly ModuleList<PatchMerger> deepstack_merger_list;
    private readonly VisionConfig _config;
    private readonly GridCache<VisionGeometry> _geometries;

    /// <summary>Makes the tower.</summary>
    /// <param name="config">Geometry.</param>
    public VisionTower(VisionConfig config) : base(nameof(VisionTower))
    {
        (_config, _geometries) = (config, new((grids, device) => new(config, grids, device)));
        patch_embed = new(config, hasBias: true);
        pos_embed = new(config.PositionEmbeddings, config.HiddenSize);
        blocks = new([.. Enumerable.Range(0, config.Depth).Select(_ => new VisionBlock(config))]);
        merger = new(config, normalizeMerged: false);
        deepstack_merger_list = new([.. config.DeepstackLayers.Select(_ => new PatchMerger(config, normalizeMerged: true))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VisionFeatures Forward(Tensor patches_PC, IReadOnlyList<Grid> grids, Action<string, Tensor>? probe = null)
    {
        using DisposeScope scope = NewDisposeScope();
        VisionGeometry geometry = _geometries.Of(grids, patches_PC.device);
        Tensor x_PH = patch_embed.Forward(patches_PC, ComputeType);
        probe?.Invoke("vision.patch_embed", x_PH);
        Tensor corners_4CH = pos_embed.weight.index_select(0, geometry.CornerIndices_4C).view(4, -1, _config.HiddenSize).to(x_PH.dtype);
        Tensor positions_CH = (corners_4CH * geometry.CornerWeights_4C1.to(corners_4CH.dtype)).sum(0L);
        x_PH = x_PH.add(positions_CH.index_select(0, geometry.Cells_P), Scalars.One);
        var deepstack = new List<Tensor>();
        for (int i = 0; i < blocks.Count; i++)
        {
            VisionBlock block = blocks[i];
            x_PH = Recomputed.If(Recompute, (x, angles) => block.Forward(x, angles[0], angles[1], geometry.Layout), x_PH, geometry.Cos_PF, geometry.Sin_PF);
            probe?.Invoke($"vision.block.{i}", x_PH);
            int at = _config.DeepstackLayers.ToList().IndexOf(i);
            if (at < 0)
                continue;
            deepstack.Add(deepstack_merger_list[at].Forward(x_PH).MoveToOuterDisposeScope());
            probe?.Invoke($"vision.deepstack.{at}", deepstack[^1]);
        }
        Tensor merged_MH = merger.Forward(x_PH).MoveToOuterDisposeScope();
        probe?.Invoke("vision.merged", merged_MH);
        return new(merged_MH, deepstack);
    }
}
