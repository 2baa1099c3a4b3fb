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
}
