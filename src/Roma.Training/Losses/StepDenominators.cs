namespace Roma.Training.Losses;

/// <summary>What an optimiser step counts, all its micro-batches together; made by <see cref="Objective.DenominatorsOf"/>.</summary>
/// <param name="Tokens">Tokens of the counted responses.</param>
/// <param name="Sequences">Counted responses with at least one token.</param>
public readonly record struct StepDenominators(long Tokens, int Sequences);
