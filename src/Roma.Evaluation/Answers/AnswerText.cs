namespace Roma.Evaluation.Answers;

/// <summary>Where in a reply the answer stands.</summary>
internal static class AnswerText
{
    /// <summary>The trimmed text after the last marker, or the whole trimmed reply where there is no marker to look for; null where it is missing or nothing follows.</summary>
    public static string? After(string reply, string? marker)
    {
        int start = string.IsNullOrEmpty(marker) ? 0 : reply.LastIndexOf(marker, StringComparison.Ordinal);
        string text = start < 0 ? "" : reply[(start + (marker?.Length ?? 0))..].Trim();
        return text.Length == 0 ? null : text;
    }
}
