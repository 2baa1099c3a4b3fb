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

    /// <summary>What metrics say of all that was sampled for a step: mean reward and its parts over scorable responses, and the rates of the unscorable, the cut off and of groups without contrast.</summary>
    /// <param name="sampled">At least one.</param>
    public static Dictionary<string, double> Metrics(IReadOnlyList<StepRollouts> sampled)
    {
        (StepRollouts From, int Row)[] all = [.. sampled.SelectMany(from => from.Tokens.Select((_, i) => (from, i)))], scorable = [.. all.Where(at => at.From.Trajectories.Scorable[at.Row])];
        var metrics = new Dictionary<string, double>
        {
            ["reward"] = Mean(scorable.Select(at => at.From.Trajectories.Reward[at.Row])),
            ["accuracy"] = Mean(scorable.Select(at => at.From.Trajectories.Accuracy[at.Row])),
            ["response_tokens"] = all.Average(at => at.From.Tokens[at.Row].Length),
            ["unscorable_rate"] = 1 - scorable.Length / (double)all.Length,
            ["truncated_rate"] = all.Count(at => !at.From.Finished[at.Row]) / (double)all.Length,
            ["groups_without_contrast"] = sampled.SelectMany(from => from.Trajectories.ScorableGroups().Select(group => DynamicSampling.Keeps([.. group.Select(i => from.Trajectories.Accuracy[i])]) ? 0.0 : 1)).DefaultIfEmpty(1).Average(),
        };
        if (all[0].From.Parts is [{ Count: > 1 } parts, ..])
            foreach (string part in parts.Keys)
                metrics["reward_" + part] = Mean(scorable.Select(at => at.From.Parts[at.Row][part] ?? 0));
        return metrics;

        static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(0).Average();
    }
}
