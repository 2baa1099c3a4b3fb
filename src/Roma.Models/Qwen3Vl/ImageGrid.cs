namespace Roma.Models.Qwen3Vl;

/// <summary>Patches of a picture: frames, rows and columns before merging.</summary>
/// <param name="T">Temporal patches, 1 for a picture.</param>
/// <param name="H">Rows of patches.</param>
/// <param name="W">Columns of patches.</param>
public readonly record struct ImageGrid(int T, int H, int W)
{
    /// <summary>Number of patches.</summary>
    public int Patches => T * H * W;
}
