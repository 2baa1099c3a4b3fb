namespace Roma.Core;

/// <summary>
/// Binds YAML to a tree of records. A record's constructor parameters are its keys (snake case); a key that is unknown, missing, of the wrong kind or refused by the
/// constructor is a fault, and all faults are reported together with file, line and what is allowed. A parameter of an interface or abstract type takes a record with a
/// <see cref="NameAttribute"/>: its bare name, or a mapping with the key <c>name</c>. Lists are <c>T[]</c> or <c>IReadOnlyList&lt;T&gt;</c>, mappings with free keys
/// <c>IReadOnlyDictionary&lt;string, T&gt;</c>; <see cref="YamlPart"/> takes a subtree unbound. Anchors, aliases and tags are refused; a file has at most 1 MB and 32 levels.
/// </summary>
public static class StrictYaml
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Dotted overrides such as <c>optimizer.lr=1e-6</c> or <c>views.0=blur</c>; the value is YAML, list items go by number.</param>
    /// <typeparam name="T">The record at the root.</typeparam>
    /// <exception cref="RomaException">The file is missing, too large or no YAML, or its content does not fit the record: one message with every fault.</exception>
    public static T Load<T>(string path, IEnumerable<string>? overrides = null) => Parse<T>(YamlReader.ReadFile(path), path, overrides);

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">YAML, and so also JSON.</param>
    /// <param name="source">How messages name the text: a file's path.</param>
    /// <param name="overrides">As for <see cref="Load"/>.</param>
    /// <typeparam name="T">The record at the root.</typeparam>
    /// <exception cref="RomaException">As for <see cref="Load"/>.</exception>
    public static T Parse<T>(string yaml, string source, IEnumerable<string>? overrides = null)
    {
        YamlPart root = YamlReader.Read(yaml, mark => $"{source}:{Math.Max(1, mark.Line)}");
        var faults = new List<string>();
        foreach (string text in overrides ?? [])
        {
            try
            {
                root = YamlOverride.Apply(root, text);
            }
            catch (RomaException e)
            {
                faults.Add(e.Message);
            }
        }
        return (T)Bind(typeof(T), root, faults);
    }

    /// <summary>Binds a subtree that a record kept as a <see cref="YamlPart"/>.</summary>
    /// <param name="part">The subtree.</param>
    /// <typeparam name="T">The type to make of it.</typeparam>
    /// <exception cref="RomaException">It does not fit: one message with every fault.</exception>
    public static T Bind<T>(YamlPart part) => (T)Bind(typeof(T), part);

    /// <summary>Binds a subtree that a record kept as a <see cref="YamlPart"/>.</summary>
    /// <param name="type">The type to make of it.</param>
    /// <param name="part">The subtree.</param>
    /// <exception cref="RomaException">It does not fit: one message with every fault.</exception>
    public static object Bind(Type type, YamlPart part) => Bind(type, part, []);

    /// <summary>The way back: one line of JSON with the keys in the order of the parameters, every default written out; equal records give equal text.</summary>
    /// <param name="record">What <see cref="Load"/> gave, or any tree of such records.</param>
    /// <param name="indented">Over several lines, for people.</param>
    public static string ToJson(object record, bool indented = false) => RecordJson.Write(record, indented);

    private static object Bind(Type type, YamlPart part, List<string> faults)
    {
        var binder = new YamlBinder();
        object? value = binder.Bind(type, part);
        faults.AddRange(binder.Faults);
        if (faults.Count > 0)
            throw new RomaException(faults.Count == 1 ? faults[0] : $"{faults.Count} faults in the configuration:{string.Concat(faults.Select(fault => $"\n  {fault.ReplaceLineEndings("\n  ")}"))}");
        return value!;
    }
}
