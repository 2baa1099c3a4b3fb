namespace Roma.Corruptions;

/// <summary>What lengths in pixels (blur widths, radii) mean on a picture that is not 224 pixels wide. Strengths, qualities and shares never scale.</summary>
public enum PixelScale
{
    /// <summary>They are pixels, as published: the same severity is weaker on a larger picture.</summary>
    Absolute,

    /// <summary>They are pixels of a picture whose shorter side has 224 and grow or shrink with it: the same severity looks alike at every size.</summary>
    Reference,
}
