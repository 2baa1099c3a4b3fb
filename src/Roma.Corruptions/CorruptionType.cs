namespace Roma.Corruptions;

/// <summary>A corruption of the catalogue at its five severities.</summary>
/// <param name="Name">Unique in the catalogue.</param>
/// <param name="Family">The file it stands in: blur, noise, ...</param>
/// <param name="Source">Where its constants come from.</param>
/// <param name="Kin">Types of the same kin are so alike that a model trained on one has seen the other: a fair test set holds no kin of the training set.</param>
/// <param name="Changes">What it may change so that an answer no longer holds; empty for most.</param>
/// <param name="Severities">Five, from mild to strong.</param>
public sealed record CorruptionType(
    string Name, string Family, string Source, string Kin, IReadOnlyList<AnswerAspect> Changes, IReadOnlyList<ICorruption> Severities);
