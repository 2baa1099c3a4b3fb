namespace Roma.Training.Runs;

/// <summary>Where a run stands: what a checkpoint holds beside weights and optimiser. Everything random is a function of (seed, step), so no generator has a state.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Seconds">Seconds spent training, validation and checkpoints excluded.</param>
/// <param name="Skipped">Steps without an update, for a loss or gradient that was not finite.</param>
/// <param name="Finished">Whether the run has ended: by its last step, or by a stop rule.</param>
public sealed record TrainingState(int Step, double Seconds, int Skipped, bool Finished);
