using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Roma.Evaluation.Reports;

/// <summary>Markup. It is made from interpolated strings whose holes are escaped, unless they are markup themselves: no text of a model or file can become markup.</summary>
/// <param name="Text">Well-formed markup.</param>
internal readonly record struct Html(string Text)
{
    public static readonly Html Empty = new("");

    public static Html Of(Builder markup) => new(markup.ToString());

    public static Html Each<T>(IEnumerable<T> items, Func<T, Html> markup) => new(string.Concat(items.Select(i => markup(i).Text)));

    public static Html Each<T>(IEnumerable<T> items, Func<T, int, Html> markup) => new(string.Concat(items.Select((item, i) => markup(item, i).Text)));

    public static Html If(bool holds, Html markup) => holds ? markup : Empty;

    public override string ToString() => Text;

    // Characters that no XML may hold, and those that turn the direction of the text after them, become the replacement character.
    private static string Escape(string text) => WebUtility.HtmlEncode(string.Create(text.Length, text, (span, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            char c = source[i];
            bool paired = char.IsHighSurrogate(c) ? i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]) : char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(source[i - 1]);
            span[i] = c is '\t' or '\n' or '\r' || (char.IsSurrogate(c) ? paired : c is >= ' ' and < '\ufffe' and not (>= '\u007f' and < '\u00a0' or >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069')) ? c : '\ufffd';
        }
    }));

    [InterpolatedStringHandler]
    public readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Html markup) => _text.Append(markup.Text);

        public void AppendFormatted<T>(T value, string? format = null) =>
            _text.Append(Escape(value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));

        public override string ToString() => _text.ToString();
    }
}
