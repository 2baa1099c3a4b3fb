using System.Text.Json.Serialization;

namespace Roma.Evaluation.Results;

/// <summary>The first line of a result log: what was run.</summary>
/// <param name="Format">Marks the file and its version: <see cref="Current"/>.</param>
/// <param name="Model">The endpoint's name.</param>
/// <param name="Suite">Name of the benchmark.</param>
/// <param name="Version">Its version.</param>
/// <param name="Data">Name of the data.</param>
/// <param name="Seed">Seed of the corruptions.</param>
/// <param name="Samples">Samples asked with clean pictures.</param>
/// <param name="SamplesPerCell">How many of these were also asked under every corruption x severity.</param>
/// <param name="Groups">Corruptions by group, for example seen and unseen.</param>
/// <param name="Severities">Severities.</param>
/// <param name="Settings">SHA-256 of everything that decides what is asked and how it is judged, the corruptions' parameters included; logs are comparable where it is equal.</param>
/// <param name="Started">When the run began, UTC.</param>
/// <param name="Metadata">Whatever else the caller records: checkpoint, method, training seed.</param>
public sealed record ResultHeader(
    string Format, string Model, string Suite, int Version, string Data, ulong Seed, int Samples, int SamplesPerCell, IReadOnlyDictionary<string, IReadOnlyList<string>> Groups,
    IReadOnlyList<int> Severities, string Settings, DateTime Started, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The format this program writes and reads.</summary>
    public const string Current = "roma-results-1";

    /// <summary>How every header starts.</summary>
    internal const string Start = $"{{\"format\":\"{Current}\"";

    /// <summary>How many records a complete log holds.</summary>
    [JsonIgnore]
    public int Expected => Samples + SamplesPerCell * Groups.Values.SelectMany(g => g).Distinct().Count() * Severities.Count;
}
