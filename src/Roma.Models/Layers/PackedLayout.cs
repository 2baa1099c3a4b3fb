namespace Roma.Models.Layers;

/// <summary>
/// How token rows are packed: first B prompts (prefixes) of Tp rows each, padded on the left, then B x G responses of Tr rows each, padded on the right. Response
/// (b, g) continues prefix b, so a prefix is computed once for the G responses that share it. With Tr = 0 this is an ordinary left-padded batch.
/// </summary>
public sealed class PackedLayout
{
    /// <summary>Describes a packing.</summary>
    /// <param name="prefixLengths">Tokens of each prompt without padding, at least 1 each.</param>
    /// <param name="responseLengths">Input tokens of each response without padding, prompt by prompt; empty where there are none.</param>
    /// <param name="causal">False where every row of a prefix sees the whole of it (a vision tower).</param>
    public PackedLayout(IReadOnlyList<int> prefixLengths, IReadOnlyList<int> responseLengths, bool causal = true)
    {
        if (prefixLengths.Count == 0 || responseLengths.Count % prefixLengths.Count != 0)
            throw new ArgumentException($"{responseLengths.Count} responses cannot be shared out evenly to {prefixLengths.Count} prompts.");
        (PrefixLengths, ResponseLengths, Causal) = (prefixLengths, responseLengths, causal);
        (Tp, Tr) = (prefixLengths.Max(), responseLengths.Count == 0 ? 0 : responseLengths.Max());
    }

    /// <summary>Tokens of each prompt without padding.</summary>
    public IReadOnlyList<int> PrefixLengths { get; }

    /// <summary>Input tokens of each response without padding.</summary>
    public IReadOnlyList<int> ResponseLengths { get; }

    /// <summary>Whether a row sees only itself and the rows before it.</summary>
    public bool Causal { get; }

    /// <summary>Number of prompts B.</summary>
    public int B => PrefixLengths.Count;

    /// <summary>Responses per prompt G.</summary>
    public int G => ResponseLengths.Count / B;

    /// <summary>Padded prefix length Tp.</summary>
    public int Tp { get; }

    /// <summary>Padded response length Tr.</summary>
    public int Tr { get; }

    /// <summary>Number of rows: B Tp + B G Tr.</summary>
    public int Rows => B * Tp + ResponseLengths.Count * Tr;

    /// <summary>The row of token t (counted without padding) of prompt b.</summary>
    /// <param name="b">The prompt.</param>
    /// <param name="t">The token.</param>
    public int PrefixRow(int b, int t) => b * Tp + Tp - PrefixLengths[b] + t;

    /// <summary>The row of input token t of response r.</summary>
    /// <param name="r">The response, b G + g.</param>
    /// <param name="t">The token.</param>
    public int ResponseRow(int r, int t) => B * Tp + r * Tr + t;
}
