using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>The score of one corruption at one severity.</summary>
/// <param name="Cell">The column.</param>
/// <param name="Score">Its score.</param>
public sealed record CellScore(Cell Cell, Score Score);
