namespace Roma.Training.Runs;

/// <summary>A line of the metrics.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Values">What the configuration decides.</param>
/// <param name="Machine">What the machine decides: times, memory.</param>
public sealed record MetricsLine(int Step, IReadOnlyList<KeyValuePair<string, double>> Values, IReadOnlyList<KeyValuePair<string, double>> Machine);
