using Roma.Models.Checkpoints;
using Roma.Models.Layers;
using Roma.Models.Processing;
using static TorchSharp.torch;

namespace Roma.Models.Qwen25Vl;

/// <summary>
/// What the vision tower needs to know of a list of picture grids. It works on merge squares in the order of its attention windows (window rows, then columns, the last ones cut off at the picture's
/// edge), so that the patches of a window lie next to each other.
/// </summary>
internal sealed class WindowGeometry : IDisposable
{
    public WindowGeometry(VisionConfig config, IReadOnlyList<Grid> grids, Device device)
    {
        int merge = config.SpatialMergeSize, square = merge * merge, window = config.WindowSize / config.PatchSize / merge;
        var angles = new PatchAngles(config);
        var order = new List<long>(); // merge squares
        var windows = new List<int>(); // patches of each window
        float[] cos = new float[grids.Sum(grid => grid.Patches) * angles.Width], sin = new float[cos.Length];
        int first = 0, n = 0;
        foreach (Grid grid in grids)
        {
            (int rows, int columns) = (grid.H / merge, grid.W / merge);
            for (int frame = 0; frame < grid.T; frame++, first += rows * columns)
                for (int top = 0; top < rows; top += window)
                    for (int left = 0; left < columns; left += window)
                    {
                        (int bottom, int right) = (Math.Min(top + window, rows), Math.Min(left + window, columns));
                        windows.Add((bottom - top) * (right - left) * square);
                        for (int row = top; row < bottom; row++)
                            for (int column = left; column < right; column++)
                            {
                                order.Add(first + row * columns + column);
                                for (int patch = 0; patch < square; patch++, n++)
                                    angles.Fill(row * merge + patch / merge, column * merge + patch % merge, cos.AsSpan(n * angles.Width, angles.Width), sin.AsSpan(n * angles.Width, angles.Width));
                            }
                    }
        }
        long[] back = new long[order.Count];
        for (int i = 0; i < back.Length; i++)
            back[order[i]] = i;
        Windows = new(windows, [], causal: false);
        Frames = new([.. grids.SelectMany(grid => Enumerable.Repeat(grid.H * grid.W, grid.T))], [], causal: false);
        Order_M = tensor(order.ToArray(), device: device).DetachFromDisposeScope();
        Back_M = tensor(back, device: device).DetachFromDisposeScope();
        Cos_PF = tensor(cos, [n, angles.Width], device: device).DetachFromDisposeScope();
        Sin_PF = tensor(sin, [n, angles.Width], device: device).DetachFromDisposeScope();
    }

    /// <summary>One non-causal segment a window.</summary>
    public PackedLayout Windows { get; }

    /// <summary>One non-causal segment a frame.</summary>
    public PackedLayout Frames { get; }

    /// <summary>The merge square at each place of the window order [M].</summary>
    public Tensor Order_M { get; }

    /// <summary>The place of each merge square in the window order [M].</summary>
    public Tensor Back_M { get; }

    /// <summary>Rotary cosines of the patches in window order [P, D / 2]: row angles, then column angles.</summary>
    public Tensor Cos_PF { get; }

    /// <summary>Rotary sines [P, D / 2].</summary>
    public Tensor Sin_PF { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[Order_M, Back_M, Cos_PF, Sin_PF])
            tensor.Dispose();
    }
}
