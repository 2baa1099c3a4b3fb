using System.CommandLine;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>The options by which a user names corruptions x severities and how they are applied.</summary>
internal sealed class CellOptions
{
    private const string All = "all";
    private readonly Option<string[]> _suite = Listed<string>("--suite", "Suites of corruptions, or 'all'.");
    private readonly Option<string[]> _corruption = Listed<string>("--corruption", "Corruptions, each with a severity or with those of --severity: motion_blur:3,fog");
    private readonly Option<string[]> _severity = Listed<string>("--severity", "Severities where none is named, 1 (mild) to 5 (strong); all five if not given.");
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seeds the draws, together with the picture, the corruption and the severity.", DefaultValueFactory = _ => 0UL };
    private readonly Option<PixelScale> _scale = new("--scale")
    {
        Description = "Whether lengths are pixels or relative to a shorter side of 224 pixels.",
        DefaultValueFactory = _ => PixelScale.Absolute,
    };

    private readonly Option<bool> _parity = new("--parity") { Description = "Cut fractions off as the published implementation does, instead of rounding." };

    public CellOptions(Command command)
    {
        _scale.AcceptOnlyFromAmong([.. Enum.GetNames<PixelScale>().Select(name => name.ToLowerInvariant())]);
        foreach (Option option in (Option[])[_suite, _corruption, _severity, _seed, _scale, _parity])
            command.Options.Add(option);
    }

    /// <summary>What was asked for, each cell once.</summary>
    /// <exception cref="RomaException">A name is unknown, a severity is not 1 to 5, or nothing is named.</exception>
    public CorruptionRequest Read(ParseResult result, Catalogue catalogue)
    {
        int[] severities = Words(result, _severity) is { Length: > 0 } words ? [.. words.Select(Severity)] : [1, 2, 3, 4, 5];
        ulong seed = result.GetValue(_seed);
        View[] cells =
        [
            .. Words(result, _suite).SelectMany(suite => suite == All ? catalogue.Names : catalogue.Suite(suite)).SelectMany(name => severities.Select(severity => new View(name, severity, seed))),
            .. Words(result, _corruption).SelectMany(word => Named(word, catalogue, severities, seed)),
        ];
        if (cells.Length == 0)
        {
            string suites = string.Join('|', catalogue.Suites.Append(All).Distinct());
            throw new RomaException("No corruption is named.", $"Add --suite {suites}, or --corruption NAME[:SEVERITY],...; `roma corruptions list` shows the names.");
        }
        return new(catalogue, [.. cells.Distinct()], result.GetValue(_scale), result.GetValue(_parity) ? Fidelity.Parity : Fidelity.Rounded);
    }

    private static IEnumerable<View> Named(string word, Catalogue catalogue, int[] severities, ulong seed)
    {
        string[] parts = word.Split(':', 2);
        if (!catalogue.Names.Contains(parts[0]) && catalogue.Suites.Contains(parts[0]))
            throw new RomaException($"{parts[0]} is a suite, not a corruption.", $"Write --suite {parts[0]}.");
        CorruptionType type = catalogue[parts[0]];
        return (parts.Length == 2 ? [Severity(parts[1])] : severities).Select(severity => new View(type.Name, severity, seed));
    }

    private static int Severity(string word) => int.TryParse(word, out int severity) && severity is >= 1 and <= 5 ? severity : throw new RomaException($"A severity is 1 to 5, not {word}.");

    private static string[] Words(ParseResult result, Option<string[]> option) =>
        [.. (result.GetValue(option) ?? []).SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static Option<T[]> Listed<T>(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
