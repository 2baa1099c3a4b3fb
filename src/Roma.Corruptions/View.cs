namespace Roma.Corruptions;

/// <summary>A way to look at a sample's pictures: a corruption of the catalogue at a severity, with the seed of its draws.</summary>
/// <param name="Corruption">A name of the catalogue, or "clean".</param>
/// <param name="Severity">1 (mild) to 5 (strong); 0 for the clean view.</param>
/// <param name="Seed">Seeds the draws, together with sample, picture, corruption and severity.</param>
public sealed record View(string Corruption, int Severity, ulong Seed)
{
    /// <summary>The picture as it is.</summary>
    public static View Clean { get; } = new("clean", 0, 0);

    /// <summary>Whether this leaves pictures as they are.</summary>
    public bool IsClean => Corruption == Clean.Corruption;
}
