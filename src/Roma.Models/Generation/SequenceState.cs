using System.Text;
using Roma.Core;
using Roma.Models.Tokenization;

namespace Roma.Models.Generation;

/// <summary>A sequence while it is generated.</summary>
internal sealed class SequenceState(CounterRandom random, IReadOnlyList<string> stop, Tokenizer? tokenizer)
{
    private readonly List<int> _tokens = [];
    private readonly List<float> _logProbs = [];
    private readonly StreamingDecoder? _decoder = stop.Count > 0 ? tokenizer?.Stream(skipSpecial: true) : null;
    private readonly StringBuilder _text = new();
    private string? _stopped;

    /// <summary>Where its draws come from.</summary>
    public CounterRandom Random => random;

    /// <summary>Its tokens so far.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Whether an end token or a stop text was reached.</summary>
    public bool Ended { get; private set; }

    /// <summary>Appends a token.</summary>
    public void Add(int token, float logProb, bool isEnd)
    {
        _tokens.Add(token);
        _logProbs.Add(logProb);
        if (_decoder is not null)
        {
            string piece = _decoder.Append(token);
            _text.Append(piece);
            int from = Math.Max(0, _text.Length - piece.Length - stop.Max(text => text.Length));
            string tail = _text.ToString(from, _text.Length - from);
            _stopped = stop.FirstOrDefault(text => tail.Contains(text, StringComparison.Ordinal));
        }
        Ended = isEnd || _stopped is not null;
    }

    /// <summary>What became of it.</summary>
    public GeneratedSequence Result() => new([.. _tokens], Ended, [.. _logProbs], _stopped);
}
