namespace Roma.Evaluation.Answers;

/// <summary>Where in a reply the answer stands.</summary>
internal static class AnswerText
{
    private const string Boxed = "\\boxed{", Open = "<answer>", Close = "</answer>", Thought = "</think>";

    /// <summary>The trimmed text after the last marker; without a marker to look for, what is marked as the answer, else the final part. Null where it is missing or empty.</summary>
    public static string? After(string reply, string? marker)
    {
        int start = string.IsNullOrEmpty(marker) ? 0 : reply.LastIndexOf(marker, StringComparison.Ordinal);
        string text = start < 0 ? "" : (string.IsNullOrEmpty(marker) ? Marked(reply) ?? Final(reply) : reply[(start + marker.Length)..]).Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>
    /// The content of the last <c>\boxed{}</c> with balanced braces, else of the last <c>&lt;answer&gt;</c> element; null where there is neither. Only the final part counts, the thoughts where nothing follows them.
    /// </summary>
    public static string? Marked(string reply) => Final(reply) is var final && string.IsNullOrWhiteSpace(final) ? Mark(reply) : Mark(final);

    /// <summary>A reference answer without the mark and the space around it.</summary>
    public static string Reference(string answer) => Mark(answer) ?? answer.Trim();

    /// <summary>What follows the last <c>&lt;/think&gt;</c>; the whole reply where there is none.</summary>
    public static string Final(string reply) => reply.LastIndexOf(Thought, StringComparison.OrdinalIgnoreCase) is >= 0 and var end ? reply[(end + Thought.Length)..] : reply;

    private static string? Mark(string text) => LastBox(text) ?? LastElement(text);

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
