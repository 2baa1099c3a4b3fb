namespace Roma.Training.Runs;

/// <summary>A line of the metrics.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Values">What the configuration decides.</param>
/// <param name="Machine">What the machine decides: durations, memory.</param>
public sealed record MetricsLine(int Step, IReadOnlyList<KeyValuePair<string, double>> Values, IReadOnlyList<KeyValuePair<string, double>> Machine)
{
    /// <summary>When it was measured, in seconds since 1970.</summary>
    public double Time { get; init; } = Seconds(DateTime.UtcNow);

    internal static double Seconds(DateTime time) => Math.Round((time - DateTime.UnixEpoch).TotalSeconds, 3);
}
