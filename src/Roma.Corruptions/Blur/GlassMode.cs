namespace Roma.Corruptions.Blur;

/// <summary>What glass blur does with a pixel and its random neighbour.</summary>
public enum GlassMode
{
    /// <summary>Copies the neighbour, as the published implementations do for colour pictures (there the swap is lost to aliasing): detail is destroyed and drifts right and down.</summary>
    Reference,

    /// <summary>Swaps the two, as the paper means it: every pixel survives somewhere.</summary>
    Swap,
}
