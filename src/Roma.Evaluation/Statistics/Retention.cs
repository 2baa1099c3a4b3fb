namespace Roma.Evaluation.Statistics;

/// <summary>How much of the clean accuracy survives corruption.</summary>
/// <param name="MeanAccuracy">mCA, the mean over all cells (corruption x severity).</param>
/// <param name="Drop">Clean accuracy - mCA.</param>
/// <param name="Ratio">mCA / clean accuracy; NaN where that is 0.</param>
/// <param name="ChanceCorrected">(mCA - chance) / (clean - chance); NaN where clean accuracy equals chance.</param>
/// <param name="WorstCell">The lowest cell.</param>
/// <param name="WorstCorruption">The lowest mean over severities of a corruption.</param>
public sealed record Retention(double MeanAccuracy, double Drop, double Ratio, double ChanceCorrected, double WorstCell, double WorstCorruption)
{
    /// <summary>Measures a model.</summary>
    /// <param name="clean">Accuracy on clean pictures.</param>
    /// <param name="accuracy">Accuracy by corruption, one per severity; at least one.</param>
    /// <param name="chance">Accuracy of guessing.</param>
    public static Retention Of(double clean, IReadOnlyList<IReadOnlyList<double>> accuracy, double chance = 0)
    {
        double mean = accuracy.SelectMany(a => a).Average();
        return new(
            mean, clean - mean, clean == 0 ? double.NaN : mean / clean, clean == chance ? double.NaN : (mean - chance) / (clean - chance),
            accuracy.Min(a => a.Min()), accuracy.Min(a => a.Average()));
    }

    /// <summary>Mean drop on unseen corruptions minus mean drop on seen ones: what training on the seen ones did not carry over.</summary>
    /// <param name="clean">Accuracy on clean pictures.</param>
    /// <param name="seen">Accuracies on seen corruptions.</param>
    /// <param name="unseen">Accuracies on unseen corruptions.</param>
    public static (double DropSeen, double DropUnseen, double Gap) SeenUnseen(double clean, IReadOnlyList<double> seen, IReadOnlyList<double> unseen)
    {
        (double dropSeen, double dropUnseen) = (clean - seen.Average(), clean - unseen.Average());
        return (dropSeen, dropUnseen, dropUnseen - dropSeen);
    }
}
