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
/// <param name="Metadata">What the replies depend on besides the questions, such as the model's weights and the longest reply, and whatever else the caller records: checkpoint, method, training seed.</param>
/// <param name="DataHash">SHA-256 of the samples that are asked, pictures included; null where the data are made on demand, and in older logs.</param>
public sealed record ResultHeader(
    string Format, string Model, string Suite, int Version, string Data, ulong Seed, int Samples, int SamplesPerCell, IReadOnlyDictionary<string, IReadOnlyList<string>> Groups,
    IReadOnlyList<int> Severities, string Settings, DateTime Started, IReadOnlyDictionary<string, string> Metadata, string? DataHash = null)
{
    /// <summary>The format this program writes and reads.</summary>
    public const string Current = "roma-results-1";

    /// <summary>All that is the same wherever a log is gone on with, by name.</summary>
    [JsonIgnore]
    internal IReadOnlyDictionary<string, string> Facts => new OrderedDictionary<string, string>(Metadata)
    {
        ["model"] = Model, ["benchmark"] = $"{Suite} version {Version}", ["seed"] = $"{Seed}", ["samples"] = $"{Samples} + {SamplesPerCell}", ["data"] = DataHash ?? "without a hash", ["settings"] = Settings,
    };

    /// <summary>How every header starts.</summary>
    internal const string Start = $"{{\"format\":\"{Current}\"";

    /// <summary>How many records a complete log holds.</summary>
    [JsonIgnore]
    public int Expected => Samples + SamplesPerCell * Groups.Values.SelectMany(g => g).Distinct().Count() * Severities.Count;
}
