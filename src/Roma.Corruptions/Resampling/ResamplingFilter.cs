namespace Roma.Corruptions.Resampling;

/// <summary>How pixels between pixels are made up. None of them averages before shrinking, so all of them alias, as careless programs do.</summary>
public enum ResamplingFilter
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>Between 2x2 pixels.</summary>
    Bilinear,

    /// <summary>Between 4x4 pixels.</summary>
    Bicubic,

    /// <summary>A windowed sinc over 8x8 pixels.</summary>
    Lanczos,
}
