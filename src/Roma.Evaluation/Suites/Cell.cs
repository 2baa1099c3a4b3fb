namespace Roma.Evaluation.Suites;

/// <summary>One column of a benchmark: the clean pictures, or one corruption at one severity.</summary>
/// <param name="Corruption">The corruption's name; empty for clean.</param>
/// <param name="Severity">1 to 5; 0 for clean.</param>
public readonly record struct Cell(string Corruption, int Severity)
{
    /// <summary>The clean pictures.</summary>
    public static readonly Cell Clean = new("", 0);

    /// <summary>Whether this is <see cref="Clean"/>.</summary>
    public bool IsClean => Severity == 0;

    /// <inheritdoc/>
    public override string ToString() => IsClean ? "clean" : $"{Corruption} {Severity}";
}
