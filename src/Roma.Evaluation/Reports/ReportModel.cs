using Roma.Evaluation.Experiments;
using Roma.Evaluation.Results;

namespace Roma.Evaluation.Reports;

/// <summary>What a report shows. Sections without content are left out.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Introduction">A paragraph below it; plain text.</param>
/// <param name="Runs">Runs side by side, in this order and colour throughout.</param>
/// <param name="Comparisons">Paired comparisons.</param>
/// <param name="Samples">Questions with their pictures and replies.</param>
/// <param name="Experiment">Results over training seeds.</param>
/// <param name="Contrasts">Which methods of the experiment to subtract.</param>
public sealed record ReportModel(
    string Title, string Introduction, IReadOnlyList<RunSummary> Runs, IReadOnlyList<Comparison>? Comparisons = null, IReadOnlyList<SampleCard>? Samples = null,
    ExperimentSummary? Experiment = null, IReadOnlyList<(string Method, string Baseline)>? Contrasts = null)
{
    /// <summary>Names of the groups of corruptions over all runs.</summary>
    internal IReadOnlyList<string> Groups => [.. Runs.SelectMany(r => r.Groups).Select(g => g.Name).Distinct()];
}
