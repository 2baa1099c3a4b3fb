namespace Roma.Evaluation.Reports;

/// <summary>One question as a report shows it.</summary>
/// <param name="Id">The sample's id.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Answer">The reference answer.</param>
/// <param name="Views">Its pictures, clean first, with what each run replied.</param>
public sealed record SampleCard(string Id, string Question, string Answer, IReadOnlyList<SampleView> Views);
