using Roma.Training.Advantages;
using Roma.Training.Data;
using static TorchSharp.torch;

namespace Roma.Training.Scoring;

/// <summary>Rewarded responses to learn from: of a step, of one of its mini-batches, or of a micro-batch.</summary>
/// <param name="Step">The step; keys what is drawn.</param>
/// <param name="Prompts">The prompts with the pictures of the loss view.</param>
/// <param name="Questions">The question of each prompt.</param>
/// <param name="Tokens">The responses, prompt by prompt, N of at most T tokens.</param>
/// <param name="Owners">The prompt of each.</param>
/// <param name="Rows">Their rewards and advantages.</param>
public sealed record Experience(int Step, PromptBatch Prompts, IReadOnlyList<StepQuestion> Questions, IReadOnlyList<int[]> Tokens, int[] Owners, Trajectories Rows)
{
    /// <summary>Log-probabilities under the policy that sampled, by the trainer's own forward pass [N, T], no gradient; null on the first update after sampling, where every ratio is 1.</summary>
    public Tensor? Old_NT { get; init; }

    /// <summary>The same by the sampler, a number a token; null where the policy has moved since, or sampled on another view.</summary>
    public IReadOnlyList<float[]>? Sampled { get; init; }

    /// <summary>Some of the prompts with their responses.</summary>
    /// <param name="prompts">Their numbers, rising.</param>
    public Experience Take(IReadOnlyList<int> prompts)
    {
        if (prompts.Count == Questions.Count)
            return this;
        Dictionary<int, int> place = prompts.Select((prompt, i) => (prompt, i)).ToDictionary();
        int[] rows = [.. Enumerable.Range(0, Owners.Length).Where(r => place.ContainsKey(Owners[r]))];
        return new(Step, Prompts.Take(prompts), [.. prompts.Select(p => Questions[p])], [.. rows.Select(r => Tokens[r])], [.. rows.Select(r => place[Owners[r]])], Rows.Rows(rows))
        {
            Old_NT = Old_NT?.index_select(0, tensor(Array.ConvertAll(rows, row => (long)row), device: Old_NT.device)),
            Sampled = Sampled is null ? null : [.. rows.Select(r => Sampled[r])],
        };
    }

    /// <summary>A range of the prompts with their responses.</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">Behind the last.</param>
    public Experience Take(int from, int to) => Take([.. Enumerable.Range(from, to - from)]);
}
