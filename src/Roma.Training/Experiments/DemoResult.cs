using Roma.Evaluation.Experiments;
using Roma.Evaluation.Results;

namespace Roma.Training.Experiments;

/// <summary>What a demo found.</summary>
/// <param name="Summary">Every run's scores: the content of summary.json.</param>
/// <param name="Runs">The first seed's runs.</param>
/// <param name="Comparisons">The first seed's paired comparisons with GRPO.</param>
/// <param name="Report">The report's path.</param>
public sealed record DemoResult(ExperimentSummary Summary, IReadOnlyList<RunSummary> Runs, IReadOnlyList<Comparison> Comparisons, string Report);
