using Roma.Evaluation.Statistics;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Results;

/// <summary>A candidate against a baseline at one corruption and severity.</summary>
/// <param name="Cell">The column.</param>
/// <param name="Counts">Pairs, the candidate first.</param>
/// <param name="McNemarHolm">Exact McNemar p-value adjusted by Holm over all cells of the comparison.</param>
public sealed record CellDifference(Cell Cell, PairedCounts Counts, double McNemarHolm);
