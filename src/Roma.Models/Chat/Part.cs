namespace Roma.Models.Chat;

/// <summary>A piece of a message: text, or the place of the next picture.</summary>
/// <param name="Text">The text; null for a picture.</param>
public readonly record struct Part(string? Text)
{
    /// <summary>The place of the next picture of the prompt.</summary>
    public static Part Image { get; } = new((string?)null);

    /// <summary>Whether a picture stands here.</summary>
    public bool IsImage => Text is null;
}
