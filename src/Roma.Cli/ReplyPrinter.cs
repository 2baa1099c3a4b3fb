using Roma.Models.Generation;
using Roma.Models.Tokenization;

namespace Roma.Cli;

/// <summary>Shows replies that are made side by side one after another: the one in turn while it grows, what came of the next ones meanwhile when their turn comes.</summary>
internal sealed class ReplyPrinter(Terminal terminal, Tokenizer tokenizer, int count, IReadOnlyList<int> endTokens)
{
    private readonly Queue<int>[] _waiting = [.. Enumerable.Range(0, count).Select(_ => new Queue<int>())];
    private StreamingDecoder? _decoder;
    private int _turn;

    /// <summary>Takes a token of a reply.</summary>
    public void Show(int reply, int token)
    {
        _waiting[reply].Enqueue(token);
        while (_turn < count && _waiting[_turn].TryDequeue(out int next))
        {
            Begin();
            terminal.Out.Write(_decoder!.Append(next));
            terminal.Out.Flush();
            if (endTokens.Contains(next))
                End("");
        }
    }

    /// <summary>Shows all that was not shown.</summary>
    public void Finish(IReadOnlyList<GeneratedSequence> replies)
    {
        while (_turn < count)
        {
            GeneratedSequence reply = replies[_turn];
            bool whole = _decoder is null && _waiting[_turn].Count == 0;
            Begin();
            foreach (int token in whole ? reply.Tokens : [.. _waiting[_turn]])
                terminal.Out.Write(_decoder!.Append(token));
            End(reply.Finished ? "" : " [cut off]");
        }
    }

    private void Begin()
    {
        if (_decoder is not null)
            return;
        if (count > 1)
            terminal.WriteLine($"--- {_turn + 1}");
        _decoder = tokenizer.Stream(skipSpecial: true);
    }

    private void End(string remark)
    {
        terminal.WriteLine(_decoder!.Flush() + remark);
        (_decoder, _turn) = (null, _turn + 1);
    }
}
