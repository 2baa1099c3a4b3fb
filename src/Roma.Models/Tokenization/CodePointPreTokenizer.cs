using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Roma.Models.Tokenization;

/// <summary>
/// Splits text by a pattern as an engine that works on code points does: .NET sees a supplementary character as two surrogates, neither a letter nor a number,
/// so each is matched as one stand-in of its own category.
/// </summary>
internal sealed class CodePointPreTokenizer(Regex pattern) : PreTokenizer
{
    private const char Letter = '\u4E00', Number = '\u2460', Other = '\uE000';

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return Split(text);
        var standIn = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length + 1);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            starts.Add(at);
            at += rune.Utf16SequenceLength;
            standIn.Append(rune.IsBmp ? (char)rune.Value : Rune.IsLetter(rune) ? Letter : IsNumber(rune) ? Number : Other);
        }
        starts.Add(at);
        return Split(standIn.ToString()).Select(piece => (starts[piece.Offset], starts[piece.Offset + piece.Length] - starts[piece.Offset]));
    }

    private static bool IsNumber(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>Matches and what lies between them ("isolated").</summary>
    private IEnumerable<(int Offset, int Length)> Split(string text)
    {
        int end = 0;
        for (Match match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            if (match.Index > end)
                yield return (end, match.Index - end);
            if (match.Length > 0)
                yield return (match.Index, match.Length);
            end = match.Index + match.Length;
        }
        if (end < text.Length)
            yield return (end, text.Length - end);
    }
}
