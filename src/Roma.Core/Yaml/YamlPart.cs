namespace Roma.Core;

/// <summary>
/// A piece of a YAML file that remembers where it stands: a scalar, a sequence or a mapping. A record takes a parameter of this type to look at a subtree before it is
/// bound; see <see cref="StrictYaml.Bind{T}(YamlPart)"/>.
/// </summary>
/// <param name="where">File and line, or the override it came from.</param>
/// <param name="path">The dotted path of keys from the root; empty for the root.</param>
public sealed class YamlPart(string where, string path = "")
{
    /// <summary>File and line, or the override it came from.</summary>
    public string Where { get; } = where;

    /// <summary>The dotted path of keys from the root; empty for the root.</summary>
    public string Path { get; } = path;

    /// <summary>The text of a scalar; null for a sequence or mapping.</summary>
    public string? Text { get; init; }

    /// <summary>Whether a scalar was written in quotes or as a block: then it is text, never a number or null.</summary>
    public bool IsQuoted { get; init; }

    /// <summary>The items of a sequence; null otherwise.</summary>
    public List<YamlPart>? Items { get; init; }

    /// <summary>The entries of a mapping in file order; null otherwise.</summary>
    public OrderedDictionary<string, YamlPart>? Entries { get; init; }

    /// <summary>Whether this is YAML's null: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>What it is, for messages: <c>a list</c>, <c>a mapping</c>, <c>null</c> or the text in quotes.</summary>
    public string Describe() => Entries is not null ? "a mapping" : Items is not null ? "a list" : IsNull ? "null" : Quote(Text!);

    /// <summary>A word in quotes, shortened and without control characters, fit for a message.</summary>
    internal static string Quote(string word)
    {
        string safe = string.Concat(word.Take(60).Select(c => char.IsControl(c) ? '?' : c));
        return $"'{safe}{(word.Length > 60 ? "..." : "")}'";
    }
}
