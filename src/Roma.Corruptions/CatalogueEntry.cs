using Roma.Core;

namespace Roma.Corruptions;

/// <summary>One corruption as its family's file spells it.</summary>
/// <param name="Operator">The name of an <see cref="ICorruption"/>.</param>
/// <param name="Severities">Its parameters: a list has one value per severity, a single value holds for all.</param>
/// <param name="Kin">See <see cref="CorruptionType"/>.</param>
/// <param name="Source">See <see cref="CorruptionType"/>.</param>
/// <param name="Changes">See <see cref="CorruptionType"/>.</param>
internal sealed record CatalogueEntry(string Operator, YamlPart Severities, string Kin, string Source, IReadOnlyList<AnswerAspect> Changes)
{
    /// <summary>The parameters at one severity, to be bound.</summary>
    public YamlPart At(int severity, int count)
    {
        var parameters = new YamlPart(Severities.Where, Severities.Path) { Entries = [] };
        foreach ((string key, YamlPart value) in Severities.Entries ?? throw new RomaException($"{Severities.Where}: {Severities.Path}: expected a mapping of parameters."))
        {
            if (value.Items is { } items && items.Count != count)
                throw new RomaException($"{value.Where}: {value.Path}: expected one value or {count}, not {items.Count}.");
            parameters.Entries.Add(key, value.Items?[severity] ?? value);
        }
        return parameters;
    }
}

/// <summary>A suite's file.</summary>
/// <param name="About">What the suite is for.</param>
/// <param name="Corruptions">Names of the catalogue.</param>
internal sealed record SuiteFile(string About, IReadOnlyList<string> Corruptions);
