using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Roma.Core;

/// <summary>
/// Turns YAML into parts straight from the parser's events, so that nothing in a file can make an object or grow: anchors, aliases and tags are refused,
/// duplicate keys fail, and size and depth are bounded.
/// </summary>
internal sealed class YamlReader
{
    private const int LongestText = 1 << 20, DeepestNesting = 32;
    private readonly IParser _parser;
    private readonly Func<Mark, string> _where;

    private YamlReader(string yaml, Func<Mark, string> where) => (_parser, _where) = (new Parser(new StringReader(yaml)), where);

    /// <summary>Reads the text of a file, at most 1 MB of UTF-8.</summary>
    public static string ReadFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LongestText + 1];
            int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > LongestText)
                throw new RomaException($"{path} is larger than 1 MB: too large for a configuration.");
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, count).TrimStart('\ufeff');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            string[] beside = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.y*ml").Take(200).Select(f => Path.GetFileName(f)).Order()] : [];
            throw new RomaException($"{path} does not exist{(beside.Length == 0 ? "." : DidYouMean.Hint(Path.GetFileName(path), beside))}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RomaException($"{path} cannot be read as UTF-8 text: {e.Message}", inner: e);
        }
    }

    /// <summary>Reads one document; an empty one is an empty mapping.</summary>
    /// <param name="yaml">The text, at most 1 MB.</param>
    /// <param name="where">Names a place in it for messages.</param>
    /// <param name="path">The dotted path at which the document stands.</param>
    /// <exception cref="RomaException">The text is no such YAML.</exception>
    public static YamlPart Read(string yaml, Func<Mark, string> where, string path = "")
    {
        if (yaml.Length > LongestText)
            throw new RomaException($"{where(Mark.Empty)}: longer than 1 MB: too large for a configuration.");
        var reader = new YamlReader(yaml, where);
        try
        {
            reader._parser.Consume<StreamStart>();
            if (reader._parser.Accept<StreamEnd>(out StreamEnd? empty))
                return new YamlPart(where(empty.Start), path) { Entries = [] };
            reader._parser.Consume<DocumentStart>();
            YamlPart part = reader.ReadPart(path, DeepestNesting);
            reader._parser.Consume<DocumentEnd>();
            return reader._parser.Accept<StreamEnd>(out _) ? part : throw reader.Fault(reader._parser.Current!.Start, "a second document; one a file is allowed");
        }
        catch (Exception e) when (e is not RomaException) // the parser answers some bad texts with exceptions of other kinds
        {
            Mark at = e is YamlException { Start: var start } ? start : reader._parser.Current?.Start ?? Mark.Empty;
            throw new RomaException($"{where(at)}: not valid YAML: {e.Message}", inner: e);
        }
    }

    private YamlPart ReadPart(string path, int depth, Mark? keyAt = null)
    {
        ParsingEvent at = _parser.Current!;
        string where = _where(keyAt ?? at.Start);
        if (depth == 0)
            throw Fault(at.Start, $"nested more than {DeepestNesting} deep");
        if (at is not NodeEvent { Anchor.IsEmpty: true } node)
            throw Fault(at.Start, "anchors and aliases are not allowed; write the value out");
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            throw Fault(at.Start, $"tags such as {node.Tag.Value} are not allowed");
        _parser.MoveNext();
        if (node is Scalar scalar)
            return new YamlPart(where, path) { Text = scalar.Value, IsQuoted = scalar.Style != ScalarStyle.Plain };
        if (node is SequenceStart)
        {
            var items = new List<YamlPart>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadPart($"{path}[{items.Count}]", depth - 1));
            return new YamlPart(where, path) { Items = items };
        }
        var entries = new OrderedDictionary<string, YamlPart>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Mark start = _parser.Current!.Start;
            string key = ReadPart(path, depth - 1).Text ?? throw Fault(start, "a key must be a word, not a list or mapping");
            if (!entries.TryAdd(key, ReadPart(path.Length == 0 ? key : $"{path}.{key}", depth - 1, start)))
                throw Fault(start, $"the key {YamlPart.Quote(key)} stands here twice");
        }
        return new YamlPart(where, path) { Entries = entries };
    }

    private RomaException Fault(Mark at, string what) => new($"{_where(at)}: {what}.");
}
