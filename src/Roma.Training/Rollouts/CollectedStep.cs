using Roma.Training.Data;
using Roma.Training.Scoring;

namespace Roma.Training.Rollouts;

/// <summary>A step before its loss.</summary>
/// <param name="Batch">The questions.</param>
/// <param name="Prompts">Their prompts with the pictures of the loss view.</param>
/// <param name="Rollouts">Their responses.</param>
/// <param name="Sampled">All that was sampled for it: these responses, or with dynamic sampling those of every batch that was drawn.</param>
public sealed record CollectedStep(StepBatch Batch, PromptBatch Prompts, StepRollouts Rollouts, IReadOnlyList<StepRollouts> Sampled)
{
    /// <summary>What there is to learn from it.</summary>
    public Experience Experience => new(Batch.Step, Prompts, Batch.Questions, Rollouts.Tokens, Rollouts.Owners, Rollouts.Trajectories) { Sampled = Rollouts.LogProbs };
}
