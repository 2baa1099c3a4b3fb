namespace Roma.Models.Verification;

/// <summary>How far one stage of a model is from its reference.</summary>
/// <param name="Stage">Its name, for example <c>text.layer.3</c>.</param>
/// <param name="Measure">What is measured.</param>
/// <param name="Difference">The largest difference found; not a number or infinite where values are missing or not finite.</param>
/// <param name="Tolerance">The largest difference that is accepted.</param>
public sealed record StageDifference(string Stage, string Measure, double Difference, double Tolerance)
{
    /// <summary>Whether the difference is within the tolerance.</summary>
    public bool Holds => Difference <= Tolerance;
}
