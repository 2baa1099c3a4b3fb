using System.Text;
using Roma.Core;

namespace Roma.Data.Tables;

/// <summary>Reads tab-separated rows as they are written, quotes included, so that they can be copied unchanged.</summary>
internal sealed class TsvReader(string path) : IDisposable
{
    private const int LongestRow = 512 << 20;
    private readonly StreamReader _reader = new(path, new UTF8Encoding(false, throwOnInvalidBytes: true), true, 1 << 16);
    private readonly StringBuilder _cell = new();

    public string Path => path;

    /// <summary>How many rows were read after the header.</summary>
    public long Row { get; private set; } = -1;

    /// <summary>The line break behind the last row.</summary>
    public string End { get; private set; } = "";

    /// <summary>The last row as it is written, with its line break.</summary>
    public string Raw { get; private set; } = "";

    /// <summary>The cells of the next row as they are written; null after the last one.</summary>
    public string[]? Next()
    {
        try
        {
            while (_reader.Peek() is '\r' or '\n') // empty lines
                _reader.Read();
            if (_reader.Peek() < 0)
                return null;
            var cells = new List<string>();
            bool isQuoted = false;
            long length = 0;
            for (; ; )
            {
                int c = _reader.Read();
                if (++length > LongestRow)
                    throw new RomaException($"{path}: row {Row + 1} has more than {LongestRow:N0} characters.");
                if (c < 0 && isQuoted)
                    throw new RomaException($"{path}: row {Row + 1} ends within quotes: the file is truncated or damaged.");
                if (c == '"' && (isQuoted || _cell.Length == 0))
                {
                    if (isQuoted && _reader.Peek() == '"')
                        _cell.Append((char)_reader.Read());
                    else
                        isQuoted = !isQuoted;
                }
                if (isQuoted || c is not ('\t' or '\n' or '\r' or < 0))
                {
                    _cell.Append((char)c);
                    continue;
                }
                cells.Add(_cell.ToString());
                _cell.Clear();
                if (c == '\t')
                    continue;
                End = c == '\r' && _reader.Peek() == '\n' ? $"\r{(char)_reader.Read()}" : c < 0 ? "" : $"{(char)c}";
                Row++;
                Raw = Row == 0 ? string.Join('\t', cells) + End : "";
                return [.. cells];
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new RomaException($"{path} is no UTF-8 text.", inner: e);
        }
    }

    /// <summary>What a cell says, without its quotes.</summary>
    public static string Plain(string raw) => raw is ['"', .., '"'] ? raw[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : raw;

    public void Dispose() => _reader.Dispose();
}
