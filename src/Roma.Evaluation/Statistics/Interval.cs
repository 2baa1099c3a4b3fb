namespace Roma.Evaluation.Statistics;

/// <summary>A closed interval, usually a confidence interval; both ends are NaN where it is undefined.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>No interval exists, for example of a proportion of nothing.</summary>
    public static readonly Interval Undefined = new(double.NaN, double.NaN);

    /// <summary>Half of the width.</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>The part of it that lies between two numbers, between which the estimate lies by definition.</summary>
    /// <param name="low">The lower one.</param>
    /// <param name="high">The upper one.</param>
    public Interval Within(double low, double high) => new(Math.Clamp(Low, low, high), Math.Clamp(High, low, high));

    /// <summary>Whether a value lies inside, ends included.</summary>
    /// <param name="value">Any number.</param>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>The two-sided interval centre -+ quantile * standard error.</summary>
    /// <param name="centre">The estimate.</param>
    /// <param name="standardError">Its standard error.</param>
    /// <param name="quantile">Of the reference distribution at 1 - (1 - level) / 2.</param>
    public static Interval Around(double centre, double standardError, double quantile) => new(centre - quantile * standardError, centre + quantile * standardError);
}
