using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Training.Advantages;
using Roma.Training.Rewards;
using Roma.Training.Scoring;

namespace Roma.Training.Rollouts;

/// <summary>Gets the responses of a step - sampled from the model, or given by the data - and rewards them.</summary>
/// <param name="model">The policy.</param>
/// <param name="settings">The run.</param>
public sealed class RolloutSampler(VisionLanguageModel model, TrainingSettings settings)
{
    private readonly TextGenerator _generator = model.Generator();

    /// <summary>Samples a group of responses per prompt and scores them.</summary>
    /// <param name="draw">The number of the batch, from 0; it keys the draws.</param>
    /// <param name="prompts">The prompts with their pictures on the sampling view.</param>
    /// <param name="answers">Reference answers.</param>
    /// <param name="noised">The same prompts with noised pictures, on which the second half of each group is sampled (NoisyRollout); null: all on <paramref name="prompts"/>.</param>
    /// <param name="progress">Shows how many tokens were drawn.</param>
    public StepRollouts Sample(int draw, PromptBatch prompts, IReadOnlyList<string> answers, PromptBatch? noised = null, IProgressTask? progress = null)
    {
        int group = settings.Group, second = noised is null ? 0 : group / 2, first = group - second;
        IReadOnlyList<GeneratedSequence> sequences = Generate(prompts, first, 0);
        if (noised is not null && second > 0)
        {
            IReadOnlyList<GeneratedSequence> others = Generate(noised, second, first);
            sequences = [.. Enumerable.Range(0, answers.Count).SelectMany(p => sequences.Skip(p * first).Take(first).Concat(others.Skip(p * second).Take(second)))];
        }
        int[] owners = [.. Enumerable.Range(0, sequences.Count).Select(i => i / group)];
        string[] texts = [.. sequences.Select(sequence => model.Processor.Tokenizer.Decode(sequence.Tokens, skipSpecial: true))];
        Dictionary<string, double?>[] parts = [.. sequences.Select((sequence, i) =>
        {
            Response response = ResponseOf(sequence, i);
            return settings.Rewards.ToDictionary(reward => NamedTypes.NameOf(reward.GetType())!, reward => reward.Score(response));
        })];
        bool[] scorable = [.. parts.Select(part => part.Values.All(value => value is not null))];
        double[] reward = [.. parts.Select((part, i) => scorable[i] ? settings.Rewards.Zip(part.Values).Sum(pair => pair.First.Weight * pair.Second!.Value) : 0)];
        double[] accuracy = [.. sequences.Select((sequence, i) => scorable[i] ? new AnswerReward().Score(ResponseOf(sequence, i)) ?? 0 : 0)]; // what gate and filter ask, rewarded or not
        Trajectories trajectories = Describe(owners, reward, accuracy, scorable, [.. sequences.Select(sequence => sequence.Tokens)]);
        return new([.. sequences.Select(sequence => sequence.Tokens)], owners, texts, [.. sequences.Select(sequence => sequence.Finished)], parts, trajectories with { Advantage = settings.Advantage.Compute(trajectories) })
        {
            LogProbs = noised is null ? [.. sequences.Select(sequence => sequence.LogProbs)] : null,
        };

        Response ResponseOf(GeneratedSequence sequence, int i) => new(texts[i], sequence.Tokens.Length, settings.MaxTokens, sequence.Finished, answers[owners[i]], settings.Answer!);

        IReadOnlyList<GeneratedSequence> Generate(PromptBatch batch, int count, int offset) => [.. Parts(batch.Prompts, count).SelectMany(part =>
        {
            PromptBatch some = batch.Take([.. Enumerable.Range(part.First, part.End - part.First)]);
            return _generator.Generate(some.Prompts, some.Detached(model.Network), count, new(settings.MaxTokens, settings.Temperature),
                i => CounterRandom.Of(settings.Seed, "rollout", draw, (part.First + i / count) * group + offset + i % count), onToken: progress is null ? null : (_, _) => progress.Advance());
        })];
    }

    /// <summary>The prompts in ranges whose keys and values may be held at once.</summary>
    private IEnumerable<(int First, int End)> Parts(IReadOnlyList<TokenPrompt> prompts, int count)
    {
        int first = 0;
        long held = 0;
        for (int p = 0; p < prompts.Count; p++)
        {
            long more = prompts[p].Ids.Length + (long)count * settings.MaxTokens;
            if (p > first && held + more > settings.RolloutTokens)
            {
                yield return (first, p);
                (first, held) = (p, 0);
            }
            held += more;
        }
        yield return (first, prompts.Count);
    }

    /// <summary>Takes the data's own responses: every one counts as right, none has an advantage.</summary>
    /// <param name="responses">One response per prompt.</param>
    public StepRollouts Imitate(IReadOnlyList<string> responses)
    {
        int end = model.EndTokens[0];
        int[][] tokens = [.. responses.Select(response => (int[])[.. model.Processor.Tokenizer.Encode(response), end])];
        int[] owners = [.. Enumerable.Range(0, tokens.Length)];
        double[] right = [.. owners.Select(_ => 1.0)];
        bool[] yes = [.. owners.Select(_ => true)];
        return new(tokens, owners, responses, yes, [], Describe(owners, right, right, yes, tokens));
    }

    /// <summary>The responses of some of the prompts of several drawings, as one step: their advantages are computed again.</summary>
    /// <param name="parts">Responses, and the prompts of them that are kept.</param>
    public StepRollouts Join(IReadOnlyList<(StepRollouts Rollouts, int[] Kept)> parts)
    {
        (StepRollouts From, int Row, int Owner)[] rows = [.. parts.SelectMany(part => part.Kept.Select(owner => (part.Rollouts, Owner: owner))).SelectMany((pair, p) =>
            Enumerable.Range(0, pair.Rollouts.Owners.Length).Where(i => pair.Rollouts.Owners[i] == pair.Owner).Select(i => (pair.Rollouts, i, p)))];
        int[] owners = [.. rows.Select(row => row.Owner)];
        int[][] tokens = [.. rows.Select(row => row.From.Tokens[row.Row])];
        Trajectories trajectories = Describe(owners, [.. rows.Select(row => row.From.Trajectories.Reward[row.Row])], [.. rows.Select(row => row.From.Trajectories.Accuracy[row.Row])],
            [.. rows.Select(row => row.From.Trajectories.Scorable[row.Row])], tokens);
        return new(tokens, owners, [.. rows.Select(row => row.From.Texts[row.Row])], [.. rows.Select(row => row.From.Finished[row.Row])], [.. rows.Select(row => row.From.Parts[row.Row])],
            trajectories with { Advantage = settings.Advantage.Compute(trajectories) })
        {
            LogProbs = rows.Any(row => row.From.LogProbs is null) ? null : [.. rows.Select(row => row.From.LogProbs![row.Row])],
        };
    }

    private static Trajectories Describe(int[] owners, double[] reward, double[] accuracy, bool[] scorable, IReadOnlyList<int[]> tokens)
    {
        bool[,] mask = new bool[tokens.Count, tokens.Max(response => response.Length)];
        for (int r = 0; r < tokens.Count; r++)
            for (int t = 0; t < tokens[r].Length; t++)
                mask[r, t] = true;
        return new(owners, reward, accuracy, scorable, mask);
    }
}
