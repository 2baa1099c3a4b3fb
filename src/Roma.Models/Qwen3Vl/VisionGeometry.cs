using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using Roma.Models.Processing;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>
/// What the vision tower needs to know of a list of picture grids, in the order of the patches (merge squares row by row): rotary angles of row and column,
/// bilinear weights into the position table, and which patches see each other.
/// </summary>
internal sealed class VisionGeometry : IDisposable
{
    public VisionGeometry(VisionConfig config, IReadOnlyList<Grid> grids, Device device)
    {
        Layout = new([.. grids.SelectMany(grid => Enumerable.Repeat(grid.H * grid.W, grid.T))], [], causal: false);
        int merge = config.SpatialMergeSize, side = (int)Math.Sqrt(config.PositionEmbeddings);
        var angles = new PatchAngles(config);
        var cells = new Dictionary<(int H, int W), long>(); // where each distinct frame size starts in the table of positions
        var indices = new List<long>();
        var weights = new List<float>();
        long[] rows = new long[Layout.Rows];
        float[] cos = new float[Layout.Rows * angles.Width], sin = new float[cos.Length];
        int n = 0;
        foreach (Grid grid in grids)
        {
            if (!cells.TryGetValue((grid.H, grid.W), out long start))
            {
                cells[(grid.H, grid.W)] = start = indices.Count / 4;
                foreach ((int row, int column) in grid.MergeOrder(merge))
                    Interpolate(row, grid.H, column, grid.W);
            }
            for (int frame = 0; frame < grid.T; frame++)
            {
                long cell = start;
                foreach ((int row, int column) in grid.MergeOrder(merge))
                {
                    rows[n] = cell++;
                    angles.Fill(row, column, cos.AsSpan(n * angles.Width, angles.Width), sin.AsSpan(n * angles.Width, angles.Width));
                    n++;
                }
            }
        }
        Cos_PF = tensor(cos, [n, angles.Width], device: device).DetachFromDisposeScope();
        Sin_PF = tensor(sin, [n, angles.Width], device: device).DetachFromDisposeScope();
        CornerIndices_4C = tensor(indices.ToArray(), [indices.Count / 4, 4], device: device).t().contiguous().view(-1).DetachFromDisposeScope();
        CornerWeights_4C1 = tensor(weights.ToArray(), [indices.Count / 4, 4], device: device).t().contiguous().view(4, -1, 1).DetachFromDisposeScope();
        Cells_P = tensor(rows, device: device).DetachFromDisposeScope();

        void Interpolate(int row, int height, int column, int width)
        {
            (int top, int bottom, float down) = Neighbours(row, height);
            (int left, int right, float across) = Neighbours(column, width);
            indices.AddRange([top * side + left, top * side + right, bottom * side + left, bottom * side + right]);
            weights.AddRange([(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across]);
        }

        (int Low, int High, float Fraction) Neighbours(int i, int count)
        {
            float at = count == 1 ? 0 : (side - 1) * (i / (float)(count - 1));
            return ((int)at, Math.Min((int)at + 1, side - 1), at - (int)at);
        }
    }

    /// <summary>One non-causal segment a frame.</summary>
    public PackedLayout Layout { get; }

    /// <summary>Rotary cosines of the patches [P, D / 2]: row angles, then column angles.</summary>
    public Tensor Cos_PF { get; }

    /// <summary>Rotary sines [P, D / 2].</summary>
    public Tensor Sin_PF { get; }

    /// <summary>For each cell of the distinct grids its four neighbours in the position table [4 C].</summary>
    public Tensor CornerIndices_4C { get; }

    /// <summary>Their bilinear weights [4, C, 1].</summary>
    public Tensor CornerWeights_4C1 { get; }

    /// <summary>The cell of each patch [P].</summary>
    public Tensor Cells_P { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[Cos_PF, Sin_PF, CornerIndices_4C, CornerWeights_4C1, Cells_P])
            tensor.Dispose();
    }
}
