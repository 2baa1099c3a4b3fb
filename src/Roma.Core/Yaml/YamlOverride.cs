namespace Roma.Core;

/// <summary>A dotted override <c>a.b.0=value</c> of the command line, put into the tree before it is bound; binding finds unknown keys.</summary>
internal static class YamlOverride
{
    /// <summary>The tree with the value in its place.</summary>
    /// <exception cref="RomaException">The override has no such form, or an index is out of range.</exception>
    public static YamlPart Apply(YamlPart root, string text)
    {
        string where = $"override {YamlPart.Quote(text)}";
        string[] halves = text.Split('=', 2);
        string[] keys = halves[0].Trim().Split('.');
        if (halves.Length != 2 || keys.Any(string.IsNullOrWhiteSpace))
            throw new RomaException($"{where}: write it as key.subkey=value.");
        return Set(root, keys, YamlReader.Read(halves[1].Length == 0 ? "~" : halves[1], _ => where, halves[0].Trim()), where);
    }

    private static YamlPart Set(YamlPart? part, ReadOnlySpan<string> keys, YamlPart value, string where)
    {
        if (keys.IsEmpty)
            return value;
        if (part?.Items is { } items)
        {
            if (!int.TryParse(keys[0], out int index) || index < 0 || index >= items.Count)
                throw new RomaException($"{where}: {keys[0]} is no index of this list of {items.Count} ({part.Where}); indices start at 0.");
            items[index] = Set(items[index], keys[1..], value, where);
            return part;
        }
        // A variant given by its bare name grows parameters: `loss: clipped` with loss.clip_low=0.1.
        YamlPart mapping = part?.Entries is not null ? part : new YamlPart(part?.Where ?? where, part?.Path ?? "") { Entries = [] };
        if (part is { Entries: null, IsNull: false })
            mapping.Entries!["name"] = part;
        mapping.Entries![keys[0]] = Set(mapping.Entries.GetValueOrDefault(keys[0]), keys[1..], value, where);
        return mapping;
    }
}
