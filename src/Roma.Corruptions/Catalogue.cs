using Roma.Core;

namespace Roma.Corruptions;

/// <summary>
/// The corruptions by name, read from a folder: <c>&lt;family&gt;.yaml</c> maps names to an operator and its parameters at severities 1..5, and
/// <c>suites/&lt;suite&gt;.yaml</c> lists names. Immutable and thread-safe.
/// </summary>
public sealed class Catalogue
{
    private const int SeverityCount = 5;
    private const double ReferenceSide = 224;
    private static readonly Lazy<Catalogue> Shipped = new(() => Load(Path.Combine(AppContext.BaseDirectory, "corruptions")));
    private readonly OrderedDictionary<string, CorruptionType> _types = [];
    private readonly OrderedDictionary<string, IReadOnlyList<string>> _suites = [];
    private readonly Dictionary<string, string> _groups = [];

    private Catalogue() { }

    /// <summary>The catalogue that lies beside the program.</summary>
    /// <exception cref="RomaException">Its files are missing or wrong.</exception>
    public static Catalogue Default => Shipped.Value;

    /// <summary>The names of all corruptions.</summary>
    public IReadOnlyList<string> Names => _types.Keys;

    /// <summary>The names of all suites.</summary>
    public IReadOnlyList<string> Suites => _suites.Keys;

    /// <summary>A corruption by name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="RomaException">There is none of this name.</exception>
    public CorruptionType this[string name] => _types.TryGetValue(name, out CorruptionType? type)
        ? type
        : throw new RomaException($"There is no corruption '{name}'{DidYouMean.Hint(name, Names)}");

    /// <summary>What reports call a suite: two suites that show "seen" corruptions of two benchmarks are both that.</summary>
    /// <param name="suite">One of <see cref="Suites"/>.</param>
    public string Group(string suite) => _groups.GetValueOrDefault(suite, suite);

    /// <summary>The corruptions of a suite.</summary>
    /// <param name="name">One of <see cref="Suites"/>: "seen", "unseen", ...</param>
    /// <exception cref="RomaException">There is none of this name.</exception>
    public IReadOnlyList<string> Suite(string name) => _suites.TryGetValue(name, out IReadOnlyList<string>? names)
        ? names
        : throw new RomaException($"There is no corruption suite '{name}'{DidYouMean.Hint(name, Suites)}");

    /// <summary>A picture as a view shows it: a pure function of its arguments. The clean view gives the picture itself.</summary>
    /// <param name="image">The clean picture; never written to.</param>
    /// <param name="view">Corruption, severity and seed.</param>
    /// <param name="sampleId">The sample that the picture belongs to.</param>
    /// <param name="imageIndex">Its place among the sample's pictures, from 0.</param>
    /// <param name="scale">What lengths in pixels mean.</param>
    /// <param name="fidelity">How results become bytes.</param>
    /// <exception cref="RomaException">The corruption is unknown or the severity is not 1 to 5.</exception>
    public RgbImage Apply(
        RgbImage image, View view, string sampleId, int imageIndex = 0, PixelScale scale = PixelScale.Absolute, Fidelity fidelity = Fidelity.Rounded)
    {
        if (view.IsClean)
            return image;
        CorruptionType type = this[view.Corruption];
        if (view.Severity is < 1 or > SeverityCount)
            throw new RomaException($"{view.Corruption} has severities 1 to {SeverityCount}, not {view.Severity}.");
        ICorruption corruption = type.Severities[view.Severity - 1];
        if (scale == PixelScale.Reference)
            corruption = corruption.Scaled(Math.Min(image.Width, image.Height) / ReferenceSide);
        return corruption.Apply(image, CounterRandom.Of(view.Seed, sampleId, imageIndex, view.Corruption, view.Severity), fidelity);
    }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">Holds <c>*.yaml</c> and <c>suites/*.yaml</c>.</param>
    /// <exception cref="RomaException">The folder is missing or a file is wrong: one message with every fault.</exception>
    public static Catalogue Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new RomaException($"The folder of corruptions {folder} does not exist.", "Build again: it is copied beside the program.");
        var catalogue = new Catalogue();
        var faults = new List<string>();
        foreach (string file in Files(folder))
            Collect(faults, () => catalogue.AddFamily(file, faults));
        foreach (string file in Files(Path.Combine(folder, "suites")))
            Collect(faults, () => catalogue.AddSuite(file, faults));
        return faults.Count == 0 ? catalogue : throw new RomaException(string.Join(Environment.NewLine, faults));
    }

    private void AddFamily(string file, List<string> faults)
    {
        IReadOnlyDictionary<string, Type> operators = NamedTypes.Of(typeof(ICorruption));
        foreach ((string name, CatalogueEntry entry) in StrictYaml.Load<IReadOnlyDictionary<string, CatalogueEntry>>(file))
        {
            Collect(faults, () =>
            {
                if (!operators.TryGetValue(entry.Operator, out Type? type))
                    throw new RomaException($"{entry.Severities.Where}: unknown operator '{entry.Operator}'{DidYouMean.Hint(entry.Operator, operators.Keys)}.");
                ICorruption[] severities = [.. Enumerable.Range(0, SeverityCount).Select(severity => (ICorruption)StrictYaml.Bind(type, entry.At(severity, SeverityCount)))];
                if (!_types.TryAdd(name, new(name, Path.GetFileNameWithoutExtension(file), entry.Source, entry.Kin, entry.Changes, severities)))
                    throw new RomaException($"{file}: the corruption '{name}' stands in {_types[name].Family} too.");
            });
        }
    }

    private void AddSuite(string file, List<string> faults)
    {
        SuiteFile suite = StrictYaml.Load<SuiteFile>(file);
        string[] listed = [.. suite.Corruptions ?? []], families = [.. _types.Values.Select(type => type.Family).Distinct()];
        string[] wanted = suite.Corruptions is null && suite.Families is null ? families : [.. suite.Families ?? []];
        faults.AddRange(listed.Concat(suite.Exclude ?? []).Where(name => !_types.ContainsKey(name)).Select(name => $"{file}: unknown corruption '{name}'{DidYouMean.Hint(name, Names)}."));
        faults.AddRange(wanted.Except(families).Select(name => $"{file}: unknown family '{name}'{DidYouMean.Hint(name, families)}."));
        string[] names = [.. listed, .. _types.Values.Where(type => wanted.Contains(type.Family)).Select(type => type.Name).Except(suite.Exclude ?? [])];
        names = [.. names.Where(name => !(_types.TryGetValue(name, out CorruptionType? type) && type.Changes.Intersect(suite.ExcludeChanges ?? []).Any()))];
        if (names.Length == 0 || names.Distinct().Count() < names.Length)
            faults.Add($"{file}: a suite has at least one corruption, and each once.");
        string own = Path.GetFileNameWithoutExtension(file);
        _suites.Add(own, names);
        _groups[own] = suite.Group ?? own;
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal) : [];

    private static void Collect(List<string> faults, Action read)
    {
        try
        {
            read();
        }
        catch (RomaException e)
        {
            faults.Add(e.Message);
        }
    }
}
