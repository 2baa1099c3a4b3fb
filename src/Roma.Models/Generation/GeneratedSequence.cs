namespace Roma.Models.Generation;

/// <summary>A generated sequence.</summary>
/// <param name="Tokens">Its tokens, the end token included where it was reached.</param>
/// <param name="Finished">False where the token limit cut it off.</param>
public sealed record GeneratedSequence(int[] Tokens, bool Finished);
