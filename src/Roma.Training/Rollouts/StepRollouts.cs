using Roma.Training.Advantages;

namespace Roma.Training.Rollouts;

/// <summary>The responses of a step.</summary>
/// <param name="Tokens">Tokens of each response, prompt by prompt, at least one each.</param>
/// <param name="Owners">The prompt of each.</param>
/// <param name="Texts">What they say, without the end token.</param>
/// <param name="Finished">Whether each ended by itself.</param>
/// <param name="Parts">The parts of each one's reward by name, before their weights; null where a part could not be determined.</param>
/// <param name="Trajectories">Their rewards and advantages.</param>
public sealed record StepRollouts(IReadOnlyList<int[]> Tokens, int[] Owners, IReadOnlyList<string> Texts, IReadOnlyList<bool> Finished, IReadOnlyList<IReadOnlyDictionary<string, double?>> Parts, Trajectories Trajectories)
{
    /// <summary>The sampler's log-probability of each token; null where responses are the data's, or were not all sampled on the view that they are scored on.</summary>
    public IReadOnlyList<float[]>? LogProbs { get; init; }

    /// <summary>What metrics say of them: mean reward and its parts over scorable responses, and the rates of the unscorable, the cut off and of groups without contrast.</summary>
    public Dictionary<string, double> Metrics()
    {
        int[] scorable = [.. Enumerable.Range(0, Tokens.Count).Where(i => Trajectories.Scorable[i])];
        var metrics = new Dictionary<string, double>
        {
            ["reward"] = Mean(scorable.Select(i => Trajectories.Reward[i])),
            ["accuracy"] = Mean(scorable.Select(i => Trajectories.Accuracy[i])),
            ["response_tokens"] = Tokens.Average(response => response.Length),
            ["unscorable_rate"] = 1 - scorable.Length / (double)Tokens.Count,
            ["truncated_rate"] = Finished.Count(finished => !finished) / (double)Tokens.Count,
            ["groups_without_contrast"] = Trajectories.ScorableGroups().Select(group => DynamicSampling.Keeps([.. group.Select(i => Trajectories.Accuracy[i])]) ? 0.0 : 1).DefaultIfEmpty(1).Average(),
        };
        if (Parts.Count > 0 && Parts[0].Count > 1)
            foreach (string part in Parts[0].Keys)
                metrics["reward_" + part] = Mean(scorable.Select(i => Parts[i][part] ?? 0));
        return metrics;

        static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(0).Average();
    }
}
