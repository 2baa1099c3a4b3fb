using Roma.Models.Checkpoints;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Processing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>The vision tower: patch embedding, interpolated learned positions, blocks with two-dimensional rotary attention, mergers.</summary>
public sealed class VisionTower : nn.Module
{
    private readonly PatchEmbedding patch_embed;
    private readonly EmbeddingTable pos_embed;
    private readonly ModuleList<VisionBlock> blocks;
    private readonly PatchMerger merger;
    private readonly ModuleList<PatchMerger> deepstack_merger_list;
    private readonly VisionConfig _config;
    private readonly Dictionary<string, VisionGeometry> _geometries = [];

    /// <summary>Makes the tower.</summary>
    /// <param name="config">Geometry.</param>
    public VisionTower(VisionConfig config) : base(nameof(VisionTower))
    {
        _config = config;
        patch_embed = new(config);
        pos_embed = new(config.PositionEmbeddings, config.HiddenSize);
        blocks = new([.. Enumerable.Range(0, config.Depth).Select(_ => new VisionBlock(config))]);
        merger = new(config, normalizeMerged: false);
        deepstack_merger_list = new([.. config.DeepstackLayers.Select(_ => new PatchMerger(config, normalizeMerged: true))]);
        RegisterComponents();
    }

    /// <summary>Encodes pictures.</summary>
    /// <param name="patches_PC">Flattened patches [P, channels x frames x side x side], picture after picture in merge order.</param>
    /// <param name="grids">The grid of each picture.</param>
    /// <param name="probe">Shown each intermediate by the name that the reference values use.</param>
    public VisionFeatures Forward(Tensor patches_PC, IReadOnlyList<Grid> grids, Action<string, Tensor>? probe = null)
    {
        using DisposeScope scope = NewDisposeScope();
        VisionGeometry geometry = VisionGeometry.Of(_config, grids, patches_PC.device, _geometries);
        Tensor x_PH = patch_embed.Forward(patches_PC);
        probe?.Invoke("vision.patch_embed", x_PH);
        Tensor corners_4CH = pos_embed.weight.index_select(0, geometry.CornerIndices_4C).view(4, -1, _config.HiddenSize);
        Tensor positions_CH = (corners_4CH * geometry.CornerWeights_4C1.to(corners_4CH.dtype)).sum(0L);
        x_PH = x_PH.add(positions_CH.index_select(0, geometry.Cells_P), Scalars.One);
        var deepstack = new List<Tensor>();
        for (int i = 0; i < blocks.Count; i++)
        {
            x_PH = blocks[i].Forward(x_PH, geometry);
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

    private sealed class PatchEmbedding : nn.Module
    {
        private readonly Projection proj;

        public PatchEmbedding(VisionConfig config) : base(nameof(PatchEmbedding))
        {
            proj = new(config);
            RegisterComponents();
        }

        public Tensor Forward(Tensor patches_PC) => nn.functional.linear(patches_PC.to(proj.weight.dtype), proj.weight.view(proj.weight.shape[0], -1), proj.bias);
    }

    /// <summary>A convolution whose stride is its kernel: a linear map of flattened patches.</summary>
    private sealed class Projection : nn.Module
    {
        public readonly Parameter weight, bias;

        public Projection(VisionConfig config) : base(nameof(Projection))
        {
            weight = new Parameter(empty([config.HiddenSize, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize]));
            bias = new Parameter(empty(config.HiddenSize));
            RegisterComponents();
        }
    }
}
