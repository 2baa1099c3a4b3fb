using Roma.Core;
using Roma.Evaluation.Results;
using Roma.Evaluation.Suites;

namespace Roma.Evaluation.Reports;

/// <summary>A question under one cell.</summary>
/// <param name="Cell">Clean, or a corruption at a severity.</param>
/// <param name="Images">The pictures as the model saw them.</param>
/// <param name="Replies">By run: its name and what it answered.</param>
public sealed record SampleView(Cell Cell, IReadOnlyList<RgbImage> Images, IReadOnlyList<(string Run, ResultRecord Record)> Replies);
