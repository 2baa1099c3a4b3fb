namespace Roma.Training.Runs;

/// <summary>Where a run stands: what a checkpoint holds beside weights and optimiser. Everything random is a function of (seed, step), so no generator has a state.</summary>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Seconds">Seconds spent training, validation and checkpoints excluded.</param>
/// <param name="Skipped">Updates left out, for a loss or gradient that was not finite.</param>
/// <param name="Finished">Whether the run has ended: by its last step, or by a stop rule.</param>
/// <param name="Drawn">Batches of questions drawn: the steps, and what dynamic sampling drew beyond them.</param>
/// <param name="Best">The best validation score so far; null before the first.</param>
/// <param name="Beta">The coefficient of the KL to the reference policy.</param>
/// <param name="Data">SHA-256 of the data: <see cref="Roma.Training.Data.SamplePool.Hash"/>.</param>
/// <param name="Configuration">SHA-256 of the configuration without what may change: <see cref="Core.RunDirectory.ConfigurationHash"/>.</param>
/// <param name="Reference">The folder of the reference policy, where there is one: a run that goes on keeps it, whatever checkpoint is the newest of that run by now.</param>
/// <param name="Validated">The step of the last validation that was gone through; null: the last one that was due.</param>
/// <param name="Steps">The number of steps with which the run has ended; null: it has not.</param>
/// <param name="Stop">The stop rule with which it has ended; null: it has not.</param>
/// <param name="Needed">The <see cref="NeededModels.Hash"/> of the models that the run needs; null: there are none.</param>
public sealed record TrainingState(int Step, double Seconds, int Skipped, bool Finished, int Drawn, double? Best, double Beta, string? Data = null, string? Configuration = null, string? Reference = null,
    int? Validated = null, int? Steps = null, StopSettings? Stop = null, string? Needed = null);
