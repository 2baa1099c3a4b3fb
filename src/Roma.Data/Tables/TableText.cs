using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>A text with the names of columns in braces: <c>{question}</c>; doubled braces stand for themselves.</summary>
internal sealed partial class TableText
{
    private readonly string[] _lines;

    public TableText(string template)
    {
        _lines = template.Split('\n');
        string rest = Hole().Replace(template.Replace("{{", "", StringComparison.Ordinal).Replace("}}", "", StringComparison.Ordinal), "");
        if (rest.AsSpan().ContainsAny('{', '}'))
            throw new RomaException($"The template '{template}' has a single brace.", "Write {column} for a column and {{ or }} for a brace.");
        Columns = [.. Hole().Matches(template).Where(match => match.Groups[1].Success).Select(match => match.Groups[1].Value).Distinct()];
    }

    /// <summary>The columns it names.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The text for a row. A line all of whose columns are empty is left out: so a template with options A to J fits questions with fewer.</summary>
    public string Fill(Func<string, object?> cell)
    {
        var lines = new List<string>();
        foreach (string line in _lines)
        {
            bool named = false, filled = false;
            string text = Hole().Replace(line, match =>
            {
                if (!match.Groups[1].Success)
                    return match.Value[..1];
                string value = Say(cell(match.Groups[1].Value));
                named = true;
                filled |= value.Length > 0;
                return value;
            });
            if (!named || filled)
                lines.Add(text);
        }
        return string.Join('\n', lines);
    }

    /// <summary>A cell as text: lists are joined by commas.</summary>
    public static string Say(object? cell) => cell switch
    {
        null => "",
        string text => text,
        ReadOnlyMemory<byte> bytes => Encoding.UTF8.GetString(bytes.Span),
        IDictionary map => string.Join(", ", map.Keys.Cast<object>().Select(key => $"{key}: {Say(map[key])}")),
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Say)),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Whether a cell says nothing: absent, white space, or a list or mapping of nothing else.</summary>
    public static bool IsBlank(object? cell) => cell switch
    {
        null => true,
        string text => string.IsNullOrWhiteSpace(text),
        ReadOnlyMemory<byte> bytes => bytes.IsEmpty,
        List<object?> list => list.TrueForAll(IsBlank),
        Dictionary<string, object?> map => map.Values.All(IsBlank),
        _ => false,
    };

    /// <summary>Whether a cell is a mapping or has one in it, as lists of chat messages do: no text that anybody would say.</summary>
    public static bool HoldsMapping(object? cell) => cell is Dictionary<string, object?> || cell is List<object?> list && list.Exists(HoldsMapping);

    [GeneratedRegex(@"\{\{|\}\}|\{([^{}\n]+)\}")]
    private static partial Regex Hole();
}
