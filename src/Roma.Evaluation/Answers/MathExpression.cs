using System.Globalization;

namespace Roma.Evaluation.Answers;

/// <summary>
/// The value of an arithmetic expression in plain or LaTeX notation: + - * / ^, brackets, <c>\frac \sqrt \cdot \times \div \pi</c>, per cent, variables of one letter and a product where two factors touch. Nesting is bounded, time is linear,
/// nothing is ever executed.
/// </summary>
internal ref struct MathExpression
{
    private const int Deepest = 50;
    private readonly ReadOnlySpan<char> _text;
    private readonly int _point;
    private int _at, _depth;

    private MathExpression(ReadOnlySpan<char> text, int point)
    {
        _text = text;
        _point = point;
    }

    /// <summary>The value, or null for what is no such expression or not finite.</summary>
    /// <param name="text">The expression, without space.</param>
    /// <param name="point">Which of several fixed values the variables have: expressions that agree at two points are the same.</param>
    public static double? Evaluate(string text, int point = 0)
    {
        var expression = new MathExpression(text, point);
        return text.Length > 0 && expression.Sum() is { } value && expression._at == text.Length && double.IsFinite(value) ? value : null;
    }

    private double? Sum()
    {
        if (++_depth > Deepest)
            return null;
        double? value = Product();
        while (value is not null && (Take("+") ? 1 : Take("-") ? -1 : 0) is var sign and not 0)
            value += sign * Product();
        _depth--;
        return value;
    }

    private double? Product()
    {
        double? value = Power();
        while (value is not null)
        {
            if (Take("*") || Take("\\cdot") || Take("\\times") || Take("×"))
                value *= Power();
            else if (Take("/") || Take("\\div") || Take("÷"))
                value /= Power();
            else if (_at < _text.Length && (_text[_at] is '(' or '{' or 'π' or '√' || AtVariable() || _text[_at..].StartsWith("\\sqrt") || _text[_at..].StartsWith("\\frac") || _text[_at..].StartsWith("\\pi") || _text[_at..].StartsWith("sqrt") || _text[_at..].StartsWith("pi")))
                value *= Power();
            else
                break;
        }
        return value;
    }

    private double? Power()
    {
        if (++_depth > Deepest)
            return null;
        double? value = Take("-") ? -Power() : Take("+") ? Power() : Factor();
        if (Take("^"))
            value = value is { } x && Power() is { } exponent ? Math.Pow(x, exponent) : null;
        while (Take("%"))
            value /= 100;
        _depth--;
        return value;
    }

    private double? Factor()
    {
        if (Take("\\frac"))
            return Argument() / Argument();
        if (Take("√"))
            return (Take("(") ? Enclosed(")") : Take("{") ? Enclosed("}") : Number()) is { } radicand ? Math.Sqrt(radicand) : null;
        if (Take("\\sqrt") || Take("sqrt"))
        {
            double? degree = Take("[") ? Enclosed("]") : 2;
            return Argument() is { } x && degree is { } n ? n == 2 ? Math.Sqrt(x) : Math.Pow(x, 1 / n) : null;
        }
        if (Take("\\pi") || Take("pi") || Take("π"))
            return Math.PI;
        if (AtVariable())
            return 1 + _text[_at++] % 32 * Math.Sqrt(2 + _point) % 3;
        if (Take("("))
            return Enclosed(")");
        return Take("{") ? Enclosed("}") : Number();
    }

    /// <summary>What a LaTeX command applies to: a group, or one digit.</summary>
    private double? Argument() =>
        Take("{") ? Enclosed("}") : Take("(") ? Enclosed(")") : _at < _text.Length && char.IsAsciiDigit(_text[_at]) ? _text[_at++] - '0' : null;

    private readonly bool AtVariable() => IsLetter(_at) && !IsLetter(_at + 1) && !(_at > 0 && IsLetter(_at - 1));

    private readonly bool IsLetter(int at) => at < _text.Length && char.IsAsciiLetter(_text[at]);

    private double? Enclosed(string close) => Sum() is { } value && Take(close) ? value : null;

    private double? Number()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        if (_at > start && _at + 1 < _text.Length && _text[_at] == 'e' && (char.IsAsciiDigit(_text[_at + 1]) || _at + 2 < _text.Length && _text[_at + 1] is '-' or '+' && char.IsAsciiDigit(_text[_at + 2])))
            for (_at += 2; _at < _text.Length && char.IsAsciiDigit(_text[_at]);)
                _at++;
        return double.TryParse(_text[start.._at], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private bool Take(string token)
    {
        if (!_text[_at..].StartsWith(token))
            return false;
        _at += token.Length;
        return true;
    }
}
