namespace Roma.Evaluation.Answers;

/// <summary>Where in a reply the answer stands.</summary>
internal static class AnswerText
{
    private const string Boxed = "\\boxed{", Open = "<answer>", Close = "</answer>";

    /// <summary>The trimmed text after the last marker, or the whole trimmed reply where there is no marker to look for; null where it is missing or nothing follows.</summary>
    public static string? After(string reply, string? marker)
    {
        int start = string.IsNullOrEmpty(marker) ? 0 : reply.LastIndexOf(marker, StringComparison.Ordinal);
        string text = start < 0 ? "" : reply[(start + (marker?.Length ?? 0))..].Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>The content of the last <c>\boxed{}</c> with balanced braces, else of the last <c>&lt;answer&gt;</c> element; null where there is neither.</summary>
    public static string? Marked(string reply) => LastBox(reply) ?? LastElement(reply);

    private static string? LastBox(string reply)
    {
        int start = reply.LastIndexOf(Boxed, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += Boxed.Length;
        for (int i = start, depth = 1; i < reply.Length; i++)
        {
            depth += reply[i] == '{' ? 1 : reply[i] == '}' ? -1 : 0;
            if (depth == 0)
                return reply[start..i].Trim();
        }
        return null;
    }

    private static string? LastElement(string reply)
    {
        int start = reply.LastIndexOf(Open, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        start += Open.Length;
        int end = reply.IndexOf(Close, start, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? null : reply[start..end].Trim();
    }
}
