namespace Roma.Training.Advantages;

/// <summary>Which groups are worth a step (DAPO, arXiv 2503.14476).</summary>
public static class DynamicSampling
{
    /// <summary>
    /// True if the accuracies are not all equal. On accuracy, not on the total reward: a format bonus or a length penalty would keep groups that teach nothing about answers.
    /// </summary>
    /// <param name="accuracies">The accuracy rewards of the scorable responses of one group.</param>
    public static bool Keeps(ReadOnlySpan<double> accuracies) => accuracies.Length > 0 && accuracies.ContainsAnyExcept(accuracies[0]);
}
