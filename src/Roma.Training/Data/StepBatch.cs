namespace Roma.Training.Data;

/// <summary>The questions of one optimiser step; those with views come first.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Questions">Its questions.</param>
public sealed record StepBatch(int Step, IReadOnlyList<StepQuestion> Questions);
