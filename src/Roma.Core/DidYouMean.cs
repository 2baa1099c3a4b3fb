namespace Roma.Core;

/// <summary>Finds the word that the user probably meant.</summary>
public static class DidYouMean
{
    private const int LongestWord = 64;

    /// <summary>The candidate nearest to the word, or null where none is near (more than a third of its letters wrong).</summary>
    /// <param name="word">What the user wrote.</param>
    /// <param name="candidates">What is allowed.</param>
    public static string? Suggest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        (string? best, int least) = (null, Math.Max(1, word.Length / 3) + 1);
        foreach (string candidate in candidates.Where(candidate => candidate.Length <= LongestWord))
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < least)
                (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>The end of an error message: <c>; did you mean 'k3'? Allowed: k1, k2, k3</c>.</summary>
    /// <param name="word">What the user wrote.</param>
    /// <param name="candidates">What is allowed.</param>
    public static string Hint(string word, IEnumerable<string> candidates)
    {
        string[] allowed = [.. candidates];
        string suggestion = Suggest(word, allowed) is { } best ? $"did you mean '{best}'? " : "";
        return $"; {suggestion}{(allowed.Length == 0 ? "none is allowed here" : $"Allowed: {string.Join(", ", allowed)}")}";
    }

    /// <summary>Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of neighbours.</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                int best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, cost[i - 2, j - 2] + 1);
                cost[i, j] = best;
            }
        }
        return cost[a.Length, b.Length];
    }
}
