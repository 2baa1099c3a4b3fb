using Roma.Core;

namespace Roma.Models.Generation;

/// <summary>How tokens are drawn: the repetition penalty changes the logits, the temperature divides them, then the most likely tokens are kept, then their most likely share.</summary>
public sealed record SamplingSettings
{
    /// <summary>Checks the ranges.</summary>
    /// <param name="maxTokens">Most new tokens of a sequence, at least 1.</param>
    /// <param name="temperature">Divides the logits; 0 takes the most likely token.</param>
    /// <param name="topK">Draw among this many most likely tokens (and any as likely as the last of them); 0: all.</param>
    /// <param name="topP">Draw among the most likely tokens whose probabilities first add up to this, above 0 to 1.</param>
    /// <param name="repetitionPenalty">Tokens of the prompt and of the sequence so far have positive logits divided and negative ones multiplied by this (Keskar et al., 2019); above 0, 1: none.</param>
    /// <param name="stop">Texts that end a sequence as soon as it holds one; null: none.</param>
    /// <exception cref="RomaException">A value is out of range.</exception>
    public SamplingSettings(int maxTokens, double temperature = 1, int topK = 0, double topP = 1, double repetitionPenalty = 1, IReadOnlyList<string>? stop = null)
    {
        if (maxTokens < 1 || !(temperature >= 0) || double.IsInfinity(temperature))
            throw new RomaException($"Sampling needs max_tokens >= 1 and temperature >= 0, not {maxTokens} and {temperature}.");
        if (topK < 0 || !(topP > 0 && topP <= 1) || !(repetitionPenalty > 0) || double.IsInfinity(repetitionPenalty))
            throw new RomaException($"Sampling needs top_k >= 0, top_p above 0 up to 1 and a repetition penalty above 0, not {topK}, {topP} and {repetitionPenalty}.");
        if (stop?.Any(string.IsNullOrEmpty) == true)
            throw new RomaException("A stop text is empty.");
        (MaxTokens, Temperature, TopK, TopP, RepetitionPenalty, Stop) = (maxTokens, temperature, topK, topP, repetitionPenalty, stop ?? []);
    }

    /// <summary>Most new tokens of a sequence.</summary>
    public int MaxTokens { get; }

    /// <summary>Divides the logits; 0 takes the most likely token.</summary>
    public double Temperature { get; }

    /// <summary>Number of tokens among which is drawn; 0: all.</summary>
    public int TopK { get; }

    /// <summary>Share of probability among which is drawn; 1: all.</summary>
    public double TopP { get; }

    /// <summary>Penalty on tokens that occurred; 1: none.</summary>
    public double RepetitionPenalty { get; }

    /// <summary>Texts that end a sequence.</summary>
    public IReadOnlyList<string> Stop { get; }
}
