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
    public YamlPart At(int severity, int count) => Severities.Entries is null
        ? throw new RomaException($"{Severities.Where}: {Severities.Path}: expected a mapping of parameters.")
        : At(Severities, severity, count);

    // A list of mappings is the steps of a sequence, whose parameters follow the same rule.
    private static YamlPart At(YamlPart part, int severity, int count)
    {
        if (part.Entries is { } entries)
            return new(part.Where, part.Path) { Entries = new(entries.Select(entry => KeyValuePair.Create(entry.Key, At(entry.Value, severity, count)))) };
        if (part.Items is not { } items)
            return part;
        if (items.Count > 0 && items.All(item => item.Entries is not null))
            return new(part.Where, part.Path) { Items = [.. items.Select(item => At(item, severity, count))] };
        return items.Count == count ? items[severity] : throw new RomaException($"{part.Where}: {part.Path}: expected one value or {count}, not {items.Count}.");
    }
}

/// <summary>A suite's file. One that names neither corruptions nor families holds all.</summary>
/// <param name="About">What the suite is for.</param>
/// <param name="Corruptions">Names of the catalogue.</param>
/// <param name="Families">Families whose corruptions follow, in the catalogue's order.</param>
/// <param name="Exclude">Names that are left out of the families.</param>
/// <param name="ExcludeChanges">Leaves out corruptions that may change an answer in one of these ways.</param>
/// <param name="Group">What reports call it; null: its own name.</param>
internal sealed record SuiteFile(
    string About, IReadOnlyList<string>? Corruptions = null, IReadOnlyList<string>? Families = null, IReadOnlyList<string>? Exclude = null,
    IReadOnlyList<AnswerAspect>? ExcludeChanges = null, string? Group = null);
