using System.Text;

namespace Roma.Models.Tokenization;

/// <summary>Turns generated ids into text piece by piece; bytes of a character that is not complete yet are held back. The pieces together equal <see cref="Tokenizer.Decode"/>.</summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecial) => (_tokenizer, _skipSpecial) = (tokenizer, skipSpecial);

    /// <summary>Takes one id and returns the text that is now complete, possibly none.</summary>
    /// <param name="id">The next token.</param>
    public string Append(int id) => Convert(_tokenizer.BytesOf(id, _skipSpecial), flush: false);

    /// <summary>Returns what is held back, incomplete characters as U+FFFD, and starts anew.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        char[] text = new char[_utf8.GetCharCount(bytes, flush)];
        return new string(text, 0, _utf8.GetChars(bytes, text, flush));
    }
}
