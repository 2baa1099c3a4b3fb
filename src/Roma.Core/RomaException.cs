namespace Roma.Core;

/// <summary>
/// A fault the user can mend: bad input, a wrong setting, a missing file. It is printed without a stack trace and ends the program with exit code 2;
/// every other exception is a bug (exit code 1).
/// </summary>
/// <param name="message">What is wrong, where, and what is allowed.</param>
/// <param name="remedy">What to do about it, as an imperative sentence; null where the message says it already.</param>
/// <param name="inner">The exception that revealed the fault, if any.</param>
public sealed class RomaException(string message, string? remedy = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the user can do about it, or null.</summary>
    public string? Remedy { get; } = remedy;
}
