namespace Roma.Models.Qwen3Vl;

/// <summary>Geometry of the language model, as <c>config.json</c> states it.</summary>
/// <param name="VocabSize">Rows of the embedding.</param>
/// <param name="HiddenSize">Width of a token.</param>
/// <param name="IntermediateSize">Width of the gated MLP.</param>
/// <param name="Layers">Number of decoder layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key/value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="NormEps">Epsilon of the RMS normalisations.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="MropeSection">How many of the HeadDim / 2 frequencies turn with time, height and width.</param>
/// <param name="TieWordEmbeddings">Whether the output head is the embedding.</param>
public sealed record TextConfig(int VocabSize, int HiddenSize, int IntermediateSize, int Layers, int Heads, int KvHeads, int HeadDim, double NormEps, double RopeTheta,
    IReadOnlyList<int> MropeSection, bool TieWordEmbeddings);
