using Roma.Core;

namespace Roma.Training.Rewards;

/// <summary>Minus the share of word n-grams that occurred before in the response: 0 where every one is new, towards -1 for a loop.</summary>
/// <param name="Ngram">Words of an n-gram, at least 1.</param>
/// <param name="Weight">Its factor in the total.</param>
[Name("repetition_penalty")]
public sealed record RepetitionPenalty(int Ngram = 4, double Weight = 1) : IReward
{
    /// <summary>Words of an n-gram.</summary>
    public int Ngram { get; init; } = Require.AtLeast(Ngram, 1);

    /// <inheritdoc/>
    public double? Score(Response response)
    {
        string[] words = response.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        int count = words.Length - Ngram + 1;
        if (count <= 1)
            return 0;
        int different = Enumerable.Range(0, count).Select(i => string.Join(' ', words, i, Ngram)).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        return different / (double)count - 1;
    }
}
