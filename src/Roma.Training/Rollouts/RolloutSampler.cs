using Roma.Core;
using Roma.Evaluation.Answers;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Qwen3Vl;
using Roma.Training.Advantages;

namespace Roma.Training.Rollouts;

/// <summary>Gets the responses of a step - sampled from the model, or given by the data - and rewards them.</summary>
/// <param name="model">The policy.</param>
/// <param name="settings">The run.</param>
public sealed class RolloutSampler(VisionLanguageModel model, TrainingSettings settings)
{
    private readonly TextGenerator _generator = model.Generator();

    /// <summary>Samples a group of responses per prompt and scores them.</summary>
    /// <param name="step">The step, from 0; it keys the draws.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="features">Their pictures on the sampling view, or null where there are none.</param>
    /// <param name="answers">Reference answers.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    public StepRollouts Sample(int step, IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, IReadOnlyList<string> answers, CancellationToken cancellation)
    {
        IReadOnlyList<GeneratedSequence> sequences = _generator.Generate(prompts, features, settings.Group, new(settings.MaxTokens, settings.Temperature),
            i => CounterRandom.Of(settings.Seed, "rollout", step, i), cancellation);
        int[] owners = [.. Enumerable.Range(0, sequences.Count).Select(i => i / settings.Group)];
        string[] texts = [.. sequences.Select(sequence => model.Processor.Tokenizer.Decode(sequence.Tokens, skipSpecial: true))];
        double[] reward = [.. sequences.Select((sequence, i) =>
            sequence.Finished && settings.Answer!.Judge(texts[i], answers[owners[i]]).Verdict == Verdict.Correct ? 1.0 : 0.0)];
        Trajectories trajectories = Describe(owners, reward, [.. sequences.Select(sequence => sequence.Tokens)]);
        return new([.. sequences.Select(sequence => sequence.Tokens)], owners, texts, trajectories with { Advantage = settings.Advantage.Compute(trajectories) });
    }

    /// <summary>Takes the data's own responses: every one counts as right, none has an advantage.</summary>
    /// <param name="responses">One response per prompt.</param>
    public StepRollouts Imitate(IReadOnlyList<string> responses)
    {
        int end = model.EndTokens[0];
        int[][] tokens = [.. responses.Select(response => (int[])[.. model.Processor.Tokenizer.Encode(response), end])];
        int[] owners = [.. Enumerable.Range(0, tokens.Length)];
        return new(tokens, owners, responses, Describe(owners, [.. owners.Select(_ => 1.0)], tokens));
    }

    private static Trajectories Describe(int[] owners, double[] reward, IReadOnlyList<int[]> tokens)
    {
        bool[,] mask = new bool[tokens.Count, tokens.Max(response => response.Length)];
        for (int r = 0; r < tokens.Count; r++)
            for (int t = 0; t < tokens[r].Length; t++)
                mask[r, t] = true;
        return new(owners, reward, reward, [.. reward.Select(_ => true)], mask);
    }
}
