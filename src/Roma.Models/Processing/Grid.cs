namespace Roma.Models.Processing;

/// <summary>How a picture is cut into patches.</summary>
/// <param name="T">Temporal steps: 1 for a picture.</param>
/// <param name="H">Rows of patches.</param>
/// <param name="W">Columns of patches.</param>
public readonly record struct Grid(int T, int H, int W)
{
    /// <summary>Number of patches.</summary>
    public int Patches => T * H * W;

    /// <summary>Number of tokens in the prompt.</summary>
    /// <param name="mergeSize">Side of the square of patches that becomes one token.</param>
    public int Tokens(int mergeSize) => Patches / (mergeSize * mergeSize);

    /// <summary>The patches of a frame in the order in which they are stored: merge squares row by row, within each its rows.</summary>
    /// <param name="mergeSize">Side of the square of patches that becomes one token.</param>
    public IEnumerable<(int Row, int Column)> MergeOrder(int mergeSize)
    {
        for (int y = 0; y < H; y += mergeSize)
            for (int x = 0; x < W; x += mergeSize)
                for (int dy = 0; dy < mergeSize; dy++)
                    for (int dx = 0; dx < mergeSize; dx++)
                        yield return (y + dy, x + dx);
    }
}
