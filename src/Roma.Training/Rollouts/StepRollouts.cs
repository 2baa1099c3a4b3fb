using Roma.Training.Advantages;

namespace Roma.Training.Rollouts;

/// <summary>The responses of a step.</summary>
/// <param name="Tokens">Tokens of each response, prompt by prompt, at least one each.</param>
/// <param name="Owners">The prompt of each.</param>
/// <param name="Texts">What they say, without the end token.</param>
/// <param name="Trajectories">Their rewards and advantages.</param>
public sealed record StepRollouts(IReadOnlyList<int[]> Tokens, int[] Owners, IReadOnlyList<string> Texts, Trajectories Trajectories);
