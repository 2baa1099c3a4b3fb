namespace Roma.Evaluation.Statistics;

/// <summary>Accuracy over several views of the same samples.</summary>
/// <param name="Mean">Over all samples and views.</param>
/// <param name="AllRight">Share of samples right on every view: the worst-case accuracy.</param>
/// <param name="AnyRight">Share of samples right on at least one view.</param>
/// <param name="WorstView">The lowest accuracy of a view.</param>
public sealed record WorstCase(double Mean, double AllRight, double AnyRight, double WorstView)
{
    /// <summary>Measures a table of samples x views.</summary>
    /// <param name="correct">For each sample, whether it is right on each view; rows of equal length, at least one.</param>
    public static WorstCase Of(IReadOnlyList<IReadOnlyList<bool>> correct)
    {
        double samples = correct.Count;
        int views = correct[0].Count;
        return new(
            correct.Sum(row => row.Count(right => right)) / (samples * views),
            correct.Count(row => row.All(right => right)) / samples,
            correct.Count(row => row.Any(right => right)) / samples,
            Enumerable.Range(0, views).Min(v => correct.Count(row => row[v])) / samples);
    }
}
