namespace Roma.Training.Advantages;

/// <summary>
/// What is known on the host of N sampled responses of at most T tokens: of an optimiser step, or of one of its micro-batches (<see cref="Rows"/>).
/// </summary>
public sealed record Trajectories
{
    /// <summary>Checks that all arrays speak of the same N responses.</summary>
    /// <param name="group">The prompt each response answers, [N]: responses of one prompt form a group; any numbers.</param>
    /// <param name="reward">Total rewards, [N]; ignored where the response is unscorable.</param>
    /// <param name="accuracy">Accuracy rewards, [N], usually 0..1; ignored where the response is unscorable.</param>
    /// <param name="scorable">Whether the reward could be determined, [N]; an unscorable response is outside the step: nothing counts it.</param>
    /// <param name="mask">True for response tokens, false for padding, [N, T].</param>
    /// <exception cref="ArgumentException">The lengths differ, or a scorable response has a reward or accuracy that is not finite.</exception>
    public Trajectories(int[] group, double[] reward, double[] accuracy, bool[] scorable, bool[,] mask)
    {
        int n = group.Length;
        if (reward.Length != n || accuracy.Length != n || scorable.Length != n || mask.GetLength(0) != n)
            throw new ArgumentException($"{n} groups, {reward.Length} rewards, {accuracy.Length} accuracies, {scorable.Length} flags, {mask.GetLength(0)} masks: expected equal numbers.");
        for (int i = 0; i < n; i++)
        {
            if (scorable[i] && !(double.IsFinite(reward[i]) && double.IsFinite(accuracy[i])))
                throw new ArgumentException($"Response {i} has reward {reward[i]} and accuracy {accuracy[i]}; a reward that cannot be determined is marked unscorable.", nameof(reward));
        }
        (Group, Reward, Accuracy, Scorable, Mask) = (group, reward, accuracy, scorable, mask);
        Tokens = new int[n];
        for (int i = 0; i < n; i++)
        {
            for (int t = 0; t < Length; t++)
                Tokens[i] += mask[i, t] ? 1 : 0;
        }
    }

    /// <summary>The prompt each response answers, [N].</summary>
    public int[] Group { get; }

    /// <summary>Total rewards, [N].</summary>
    public double[] Reward { get; }

    /// <summary>Accuracy rewards, [N].</summary>
    public double[] Accuracy { get; }

    /// <summary>Whether the reward could be determined, [N].</summary>
    public bool[] Scorable { get; }

    /// <summary>True for response tokens, [N, T].</summary>
    public bool[,] Mask { get; }

    /// <summary>The number of response tokens, [N].</summary>
    public int[] Tokens { get; }

    /// <summary>Advantages, [N, T]; null (before they are computed, and where a method has none) counts as 0.</summary>
    public double[,]? Advantage { get; init; }

    /// <summary>The number of responses, N.</summary>
    public int Count => Group.Length;

    /// <summary>The padded number of tokens, T.</summary>
    public int Length => Mask.GetLength(1);

    /// <summary>These responses alone, in this order: a micro-batch.</summary>
    /// <param name="rows">Indices in 0..N-1.</param>
    public Trajectories Rows(IReadOnlyList<int> rows) =>
        new(Take(Group, rows), Take(Reward, rows), Take(Accuracy, rows), Take(Scorable, rows), Take(Mask, rows)) { Advantage = Advantage is { } a ? Take(a, rows) : null };

    /// <summary>The indices of the scorable responses of each group, groups in order of first appearance.</summary>
    internal IEnumerable<int[]> ScorableGroups() =>
        Enumerable.Range(0, Count).Where(i => Scorable[i]).GroupBy(i => Group[i]).Select(members => members.ToArray());

    /// <summary>The same number for every token of a response: [N] to [N, T].</summary>
    internal double[,] PerToken(double[] perResponse)
    {
        var values = new double[Count, Length];
        for (int i = 0; i < Count; i++)
        {
            for (int t = 0; t < Length; t++)
                values[i, t] = perResponse[i];
        }
        return values;
    }

    private static T[] Take<T>(T[] values, IReadOnlyList<int> rows) => [.. rows.Select(i => values[i])];

    private static T[,] Take<T>(T[,] values, IReadOnlyList<int> rows)
    {
        var taken = new T[rows.Count, values.GetLength(1)];
        for (int i = 0; i < rows.Count; i++)
        {
            for (int t = 0; t < taken.GetLength(1); t++)
                taken[i, t] = values[rows[i], t];
        }
        return taken;
    }
}
