using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Models.Tokenization;

/// <summary>A byte-level BPE tokenizer read from a Hugging Face model folder, with the same ids and texts. Thread-safe.</summary>
public sealed class Tokenizer
{
    private static readonly string[] VisionTokens = ["<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"];
    private readonly BpeTokenizer _bpe;
    private readonly Regex? _addedPattern;
    private readonly Dictionary<string, int> _added = [];
    private readonly HashSet<int> _special = [];
    private readonly byte[]?[] _bytes;
    private readonly bool _nfc;

    private Tokenizer(TokenizerFile file)
    {
        (_bpe, _nfc) = (file.ToBpe(), file.NormalizesToNfc);
        _bytes = new byte[]?[file.Vocabulary.Values.Concat(file.Added.Select(token => token.Id)).Max() + 1];
        foreach ((string token, int id) in file.Vocabulary)
            _bytes[id] = ByteLevel.Parse(token) ?? Encoding.UTF8.GetBytes(token);
        foreach ((string content, int id, bool special) in file.Added)
        {
            (_added[content], _bytes[id]) = (id, Encoding.UTF8.GetBytes(content));
            if (special)
                _special.Add(id);
        }
        if (_added.Count > 0)
            _addedPattern = new Regex(string.Join('|', _added.Keys.OrderByDescending(content => content.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
        VocabularySize = _bytes.Count(bytes => bytes is not null);
    }

    /// <summary>Number of tokens, added ones included; a model may have more embedding rows.</summary>
    public int VocabularySize { get; }

    /// <summary>Loads <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c> from a folder without one.</summary>
    /// <param name="path">The file, or the model folder that holds it.</param>
    /// <exception cref="RomaException">It is missing, invalid, or uses a feature that is not supported.</exception>
    public static Tokenizer Load(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path;
        if (!File.Exists(file) && VocabularyFiles.Exist(path))
            return Create(VocabularyFiles.Read(path), Path.Combine(path, "vocab.json"));
        return Create(JsonFile.ReadObject(file), file);
    }

    /// <summary>Reads the content of a <c>tokenizer.json</c>.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <exception cref="RomaException">It is invalid or uses a feature that is not supported.</exception>
    public static Tokenizer Parse(ReadOnlySpan<byte> utf8) => Create(JsonFile.ParseObject(utf8, "tokenizer.json"), "tokenizer.json");

    /// <summary>Text to ids. Added tokens such as <c>&lt;|im_end|&gt;</c> are recognised wherever they stand; unpaired surrogates count as U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    public int[] Encode(string text)
    {
        var ids = new List<int>(text.Length / 2);
        int end = 0;
        for (Match? match = _addedPattern?.Match(text); match is { Success: true }; match = match.NextMatch())
        {
            EncodePlain(text[end..match.Index], ids);
            ids.Add(_added[match.Value]);
            end = match.Index + match.Length;
        }
        EncodePlain(text[end..], ids);
        return [.. ids];
    }

    /// <summary>Ids to text; bytes that are no UTF-8 become U+FFFD, ids that no token owns become nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Leave out special tokens (those marked so in the file: turns, vision, padding; not <c>&lt;think&gt;</c>).</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = false)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
            bytes.AddRange(BytesOf(id, skipSpecial));
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>Decodes ids one at a time, as they are generated.</summary>
    /// <param name="skipSpecial">Leave out special tokens.</param>
    public StreamingDecoder Stream(bool skipSpecial = false) => new(this, skipSpecial);

    /// <summary>The id of an added token, or null.</summary>
    /// <param name="content">For example <c>&lt;|im_end|&gt;</c>.</param>
    public int? FindId(string content) => _added.TryGetValue(content, out int id) ? id : null;

    /// <summary>The id of an added token.</summary>
    /// <param name="content">For example <c>&lt;|im_end|&gt;</c>.</param>
    /// <exception cref="RomaException">The tokenizer has none of that content.</exception>
    public int IdOf(string content) =>
        FindId(content) ?? throw new RomaException($"The tokenizer has no token {content}.", "Use the tokenizer.json that belongs to the model.");

    /// <summary>Whether an id is a special token.</summary>
    /// <param name="id">Any id.</param>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>Ids that must never be generated, in order: vision tokens, and embedding rows that no token owns.</summary>
    /// <param name="embeddingRows">Rows of the model's embedding.</param>
    public int[] SuppressedTokens(int embeddingRows) =>
    [
        .. VisionTokens.Select(FindId).OfType<int>().Union(Enumerable.Range(0, embeddingRows).Where(id => id >= _bytes.Length || _bytes[id] is null)).Order(),
    ];

    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecial) =>
        (uint)id >= (uint)_bytes.Length || skipSpecial && _special.Contains(id) ? default : _bytes[id];

    private static Tokenizer Create(JsonObject json, string where)
    {
        try
        {
            return new Tokenizer(new TokenizerFile(json, where));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new RomaException($"{where} cannot be used: {e.Message}", "Use the tokenizer.json that belongs to the model.", e);
        }
    }

    private void EncodePlain(string text, List<int> ids)
    {
        if (text.Length == 0)
            return;
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        ids.AddRange(_bpe.EncodeToIds(_nfc ? Nfc.Normalize(text) : text));
    }
}
