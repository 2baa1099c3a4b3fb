using Roma.Training.Rollouts;

namespace Roma.Training.Runs;

/// <summary>How a step is cut for the backward pass; its gradient does not depend on it, up to rounding.</summary>
public static class MicroBatches
{
    /// <summary>Ranges of prompts: of at most so many prompts, and of at most so many tokens where a prompt alone does not have more.</summary>
    /// <param name="step">The step.</param>
    /// <param name="settings">Its <see cref="TrainingSettings.MicroPrompts"/> and <see cref="TrainingSettings.MicroTokens"/>.</param>
    public static IEnumerable<(int Start, int Count)> Of(CollectedStep step, TrainingSettings settings)
    {
        int prompts = step.Batch.Questions.Count, most = settings.MicroPrompts ?? prompts, start = 0;
        long budget = settings.MicroTokens ?? long.MaxValue, tokens = 0;
        long[] lengths = [.. step.Prompts.Prompts.Select(prompt => (long)prompt.Ids.Length)];
        for (int i = 0; i < step.Rollouts.Owners.Length; i++)
            lengths[step.Rollouts.Owners[i]] += step.Rollouts.Tokens[i].Length;
        for (int p = 0; p < prompts; p++)
        {
            if (p > start && (p - start == most || tokens + lengths[p] > budget))
            {
                yield return (start, p - start);
                (start, tokens) = (p, 0);
            }
            tokens += lengths[p];
        }
        yield return (start, prompts - start);
    }
}
