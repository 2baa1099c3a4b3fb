namespace Roma.Corruptions.Operators;

/// <summary>What lies outside a picture.</summary>
internal enum Border
{
    /// <summary>Its nearest pixel.</summary>
    Replicate,

    /// <summary>Its mirror image, the edge pixel doubled (d c b a | a b c d).</summary>
    Reflect,

    /// <summary>Its mirror image without the edge pixel (d c b | a b c d).</summary>
    Reflect101,

    /// <summary>Black.</summary>
    Black,

    /// <summary>White, as paper.</summary>
    White,
}
