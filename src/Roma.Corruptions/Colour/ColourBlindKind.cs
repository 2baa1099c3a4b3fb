namespace Roma.Corruptions.Colour;

/// <summary>Which of the eye's three cones is missing.</summary>
public enum ColourBlindKind
{
    /// <summary>The cone for long waves: red and green are confused, and red is dark.</summary>
    Protan,

    /// <summary>The cone for middle waves: red and green are confused.</summary>
    Deutan,

    /// <summary>The cone for short waves: blue and green, and yellow and violet are confused.</summary>
    Tritan,
}
