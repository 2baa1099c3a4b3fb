using Roma.Training.Scoring;

namespace Roma.Training.Runs;

/// <summary>How an update is cut for the backward pass; its gradient does not depend on it, up to rounding.</summary>
public static class MicroBatches
{
    /// <summary>Ranges of prompts: of at most so many prompts, and of at most so many tokens where a prompt alone does not have more.</summary>
    /// <param name="experience">What it learns from.</param>
    /// <param name="settings">The run's <see cref="TrainingSettings.MicroPrompts"/> and <see cref="TrainingSettings.MicroTokens"/>.</param>
    public static IEnumerable<(int Start, int Count)> Of(Experience experience, TrainingSettings settings)
    {
        int prompts = experience.Questions.Count, most = settings.MicroPrompts ?? prompts, start = 0;
        long budget = settings.MicroTokens ?? long.MaxValue, tokens = 0;
        long[] lengths = [.. experience.Prompts.Prompts.Select(prompt => (long)prompt.Ids.Length)];
        for (int i = 0; i < experience.Owners.Length; i++)
            lengths[experience.Owners[i]] += experience.Tokens[i].Length;
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
