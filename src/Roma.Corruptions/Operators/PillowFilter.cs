namespace Roma.Corruptions.Operators;

/// <summary>Pillow's resampling filters.</summary>
internal enum PillowFilter
{
    /// <summary>The pixel under the target's centre.</summary>
    Nearest,

    /// <summary>The mean of the pixels whose centres lie under the target.</summary>
    Box,

    /// <summary>A triangle.</summary>
    Bilinear,

    /// <summary>Cubic with a = -0.5.</summary>
    Bicubic,

    /// <summary>A sinc windowed by a sinc, three lobes.</summary>
    Lanczos,
}
