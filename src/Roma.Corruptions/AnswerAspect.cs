namespace Roma.Corruptions;

/// <summary>What a corruption may change so that the reference answer to a question about it no longer holds.</summary>
public enum AnswerAspect
{
    /// <summary>Hues change: "which colour" may have another answer.</summary>
    Colour,

    /// <summary>Positions, directions or proportions change: "left of", angles, lengths.</summary>
    Geometry,

    /// <summary>Text is turned or mirrored.</summary>
    TextOrientation,
}
