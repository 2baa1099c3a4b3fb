using Roma.Core;
using Roma.Corruptions;

namespace Roma.Evaluation.Suites;

/// <summary>The corruptions of an evaluation, resolved.</summary>
/// <param name="Groups">Corruptions by group, in the order of reports; a corruption may be in several groups and is still asked once.</param>
/// <param name="Severities">Severities, ascending.</param>
/// <param name="Corrupt">Applies one.</param>
/// <param name="Definition">A text that changes whenever any parameter of any of these corruptions does: part of what makes logs comparable.</param>
public sealed record CorruptionMatrix(IReadOnlyDictionary<string, IReadOnlyList<string>> Groups, IReadOnlyList<int> Severities, CorruptImage Corrupt, string Definition)
{
    /// <summary>All columns but the clean one, by group, corruption and severity.</summary>
    public IReadOnlyList<Cell> Cells => [.. Groups.Values.SelectMany(g => g).Distinct().SelectMany(c => Severities.Select(s => new Cell(c, s)))];

    /// <summary>Takes a benchmark's corruptions from a catalogue.</summary>
    /// <param name="suite">The benchmark.</param>
    /// <param name="catalogue">The catalogue.</param>
    /// <exception cref="RomaException">The catalogue has no such corruption suite, or nothing of one is left.</exception>
    public static CorruptionMatrix Of(EvaluationSuite suite, Catalogue catalogue)
    {
        var groups = new OrderedDictionary<string, IReadOnlyList<string>>(suite.Suites.GroupBy(catalogue.Group)
            .Select(group => KeyValuePair.Create(group.Key, (IReadOnlyList<string>)[.. group.SelectMany(catalogue.Suite).Distinct().Where(name => !catalogue[name].Changes.Intersect(suite.ExcludeChanges ?? []).Any())])));
        if (groups.FirstOrDefault(group => group.Value.Count == 0) is { Key: { } empty })
            throw new RomaException($"exclude_changes leaves no corruption of {empty}.", "Exclude fewer changes, or leave the suite out.");
        return new(
            groups, suite.Severities, (image, cell, seed, id, i) => catalogue.Apply(image, new View(cell.Corruption, cell.Severity, seed), id, i, suite.Scale),
            string.Join('\n', groups.Values.SelectMany(g => g).Distinct().Order(StringComparer.Ordinal).Select(name =>
                $"{name}: {string.Join(' ', suite.Severities.Select(s => StrictYaml.ToJson(catalogue[name].Severities[s - 1])))}")));
    }
}
