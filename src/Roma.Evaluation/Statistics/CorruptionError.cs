namespace Roma.Evaluation.Statistics;

/// <summary>
/// Corruption errors relative to a baseline model on the same benchmark (Hendrycks and Dietterich 2019, section 4.2): per corruption the sum of errors over severities,
/// divided by the baseline's; relative CE does so with the rises above the clean error. NaN where the denominator is 0.
/// </summary>
/// <param name="Ce">Corruption error of each corruption.</param>
/// <param name="RelativeCe">Relative corruption error of each corruption.</param>
public sealed record CorruptionError(IReadOnlyDictionary<string, double> Ce, IReadOnlyDictionary<string, double> RelativeCe)
{
    /// <summary>Mean corruption error; times 100 in the literature.</summary>
    public double MeanCe => Ce.Values.Average();

    /// <summary>Mean relative corruption error.</summary>
    public double MeanRelativeCe => RelativeCe.Values.Average();

    /// <summary>Compares a model with a baseline.</summary>
    /// <param name="cleanError">The model's error on clean pictures.</param>
    /// <param name="error">Its errors by corruption, one per severity.</param>
    /// <param name="baselineCleanError">The baseline's error on clean pictures.</param>
    /// <param name="baselineError">The baseline's errors, same corruptions and severities.</param>
    public static CorruptionError Of(double cleanError, IReadOnlyDictionary<string, double[]> error, double baselineCleanError, IReadOnlyDictionary<string, double[]> baselineError) => new(
        error.ToDictionary(e => e.Key, e => Ratio(e.Value.Sum(), baselineError[e.Key].Sum())),
        error.ToDictionary(e => e.Key, e => Ratio(e.Value.Sum(v => v - cleanError), baselineError[e.Key].Sum(v => v - baselineCleanError))));

    private static double Ratio(double numerator, double denominator) => Math.Abs(denominator) < 1e-12 ? double.NaN : numerator / denominator;
}
