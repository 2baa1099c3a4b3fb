using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// How token rows are packed without padding: first the B prompts (prefixes), one after another, then the R responses, those of one prompt next to each other. A
/// prefix is computed once for all the responses that continue it. Without responses this is an ordinary ragged batch.
/// </summary>
public sealed class PackedLayout
{
    private readonly int[] _prefixStart, _responseStart, _owner, _firstResponse;

    /// <summary>Describes a packing.</summary>
    /// <param name="prefixLengths">Tokens of each prompt, at least 1 each.</param>
    /// <param name="responseLengths">Input tokens of each response, 0 allowed; empty where there are none.</param>
    /// <param name="owners">The prompt that each response continues, not falling; null where all prompts have the same number.</param>
    /// <param name="causal">False where every row of a prefix sees the whole of it (a vision tower).</param>
    public PackedLayout(IReadOnlyList<int> prefixLengths, IReadOnlyList<int> responseLengths, IReadOnlyList<int>? owners = null, bool causal = true)
    {
        int B = prefixLengths.Count, R = responseLengths.Count;
        if (B == 0 || owners is null && R % B != 0)
            throw new ArgumentException($"{R} responses cannot be shared out evenly to {B} prompts.");
        _owner = [.. owners ?? [.. Enumerable.Range(0, R).Select(r => r / (R / B))]];
        _firstResponse = new int[B + 1];
        for (int r = 0; r < R; r++)
        {
            if (_owner[r] < (r == 0 ? 0 : _owner[r - 1]) || _owner[r] >= B)
                throw new ArgumentException($"Response {r} belongs to prompt {_owner[r]}: prompts of responses are 0 to {B - 1} and do not fall.");
            _firstResponse[_owner[r] + 1] = r + 1;
        }
        for (int b = 0; b < B; b++)
            _firstResponse[b + 1] = Math.Max(_firstResponse[b + 1], _firstResponse[b]);
        (PrefixLengths, ResponseLengths, Causal) = (prefixLengths, responseLengths, causal);
        (LongestPrefix, LongestResponse) = (prefixLengths.Max(), responseLengths.Count == 0 ? 0 : responseLengths.Max());
        (_prefixStart, _responseStart) = (new int[prefixLengths.Count], new int[responseLengths.Count]);
        for (int b = 0; b < _prefixStart.Length; b++)
        {
            _prefixStart[b] = Rows;
            Rows += prefixLengths[b];
        }
        PrefixRows = Rows;
        for (int r = 0; r < _responseStart.Length; r++)
        {
            _responseStart[r] = Rows;
            Rows += responseLengths[r];
        }
    }

    /// <summary>Tokens of each prompt.</summary>
    public IReadOnlyList<int> PrefixLengths { get; }

    /// <summary>Input tokens of each response.</summary>
    public IReadOnlyList<int> ResponseLengths { get; }

    /// <summary>Whether a row sees only itself and the rows before it.</summary>
    public bool Causal { get; }

    /// <summary>Number of prompts B.</summary>
    public int B => PrefixLengths.Count;

    /// <summary>The prompt that each response continues.</summary>
    public IReadOnlyList<int> Owners => _owner;

    /// <summary>The responses of prompt b: from the first to before the last.</summary>
    /// <param name="b">The prompt.</param>
    public (int First, int End) Responses(int b) => (_firstResponse[b], _firstResponse[b + 1]);

    /// <summary>Length of the longest prefix.</summary>
    public int LongestPrefix { get; }

    /// <summary>Length of the longest response.</summary>
    public int LongestResponse { get; }

    /// <summary>Rows that belong to prefixes: they come first.</summary>
    public int PrefixRows { get; }

    /// <summary>Number of rows N.</summary>
    public int Rows { get; }

    /// <summary>The row of token t of prompt b.</summary>
    /// <param name="b">The prompt.</param>
    /// <param name="t">The token.</param>
    public int PrefixRow(int b, int t) => _prefixStart[b] + t;

    /// <summary>The row of input token t of response r.</summary>
    /// <param name="r">The response.</param>
    /// <param name="t">The token.</param>
    public int ResponseRow(int r, int t) => _responseStart[r] + t;

    /// <summary>Rows of the prefixes in a padded [B, longest] grid, row 0 where there is padding, and back: the grid's place of every row.</summary>
    internal (Tensor Pad, Tensor Unpad) PrefixGrid(Device device) => Grid(PrefixLengths, LongestPrefix, PrefixRow, device);

    /// <summary>The same for the responses.</summary>
    internal (Tensor Pad, Tensor Unpad) ResponseGrid(Device device) => Grid(ResponseLengths, LongestResponse, ResponseRow, device);

    private static (Tensor Pad, Tensor Unpad) Grid(IReadOnlyList<int> lengths, int longest, Func<int, int, int> row, Device device)
    {
        long[] pad = new long[lengths.Count * longest], unpad = new long[lengths.Sum()];
        for (int s = 0, n = 0; s < lengths.Count; s++)
            for (int t = 0; t < lengths[s]; t++)
                (pad[s * longest + t], unpad[n++]) = (row(s, t), s * longest + t);
        return (tensor(pad, device: device), tensor(unpad, device: device));
    }
}
