namespace Roma.Evaluation.Statistics;

/// <summary>How answers change between the clean and the corrupted picture; shares of <paramref name="Total"/>. Corrupted accuracy - clean accuracy = corrective - destructive.</summary>
/// <param name="Total">Number of items.</param>
/// <param name="FlipRate">The answer differs.</param>
/// <param name="Destructive">Right becomes wrong.</param>
/// <param name="Corrective">Wrong becomes right.</param>
/// <param name="WrongToOtherWrong">Wrong becomes another wrong.</param>
/// <param name="CleanAccuracy">Right on the clean picture.</param>
/// <param name="CorruptedAccuracy">Right on the corrupted picture.</param>
public sealed record FlipRates(int Total, double FlipRate, double Destructive, double Corrective, double WrongToOtherWrong, double CleanAccuracy, double CorruptedAccuracy)
{
    /// <summary>1 - flip rate.</summary>
    public double Consistency => 1 - FlipRate;

    /// <summary>Counts the changes.</summary>
    /// <param name="gold">Reference answers.</param>
    /// <param name="clean">Answers to the clean pictures.</param>
    /// <param name="corrupted">Answers to the corrupted pictures.</param>
    /// <typeparam name="T">An answer.</typeparam>
    public static FlipRates Of<T>(IReadOnlyList<T> gold, IReadOnlyList<T> clean, IReadOnlyList<T> corrupted) where T : IEquatable<T>
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(clean.Count, gold.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(corrupted.Count, gold.Count);
        return new(
            gold.Count,
            Share((_, c, k) => !c.Equals(k)),
            Share((g, c, k) => c.Equals(g) && !k.Equals(g)),
            Share((g, c, k) => !c.Equals(g) && k.Equals(g)),
            Share((g, c, k) => !c.Equals(g) && !k.Equals(g) && !c.Equals(k)),
            Share((g, c, _) => c.Equals(g)),
            Share((g, _, k) => k.Equals(g)));

        double Share(Func<T, T, T, bool> holds) => (double)Enumerable.Range(0, gold.Count).Count(i => holds(gold[i], clean[i], corrupted[i])) / gold.Count;
    }
}
