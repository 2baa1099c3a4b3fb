using Roma.Core;

namespace Roma.Models.Generation;

/// <summary>How tokens are drawn.</summary>
public sealed record SamplingSettings
{
    /// <summary>Checks the ranges.</summary>
    /// <param name="maxTokens">Most new tokens of a sequence, at least 1.</param>
    /// <param name="temperature">Divides the logits; 0 takes the most likely token.</param>
    /// <exception cref="RomaException">A value is out of range.</exception>
    public SamplingSettings(int maxTokens, double temperature = 1)
    {
        if (maxTokens < 1 || temperature < 0)
            throw new RomaException($"Sampling needs max_tokens >= 1 and temperature >= 0, not {maxTokens} and {temperature}.");
        (MaxTokens, Temperature) = (maxTokens, temperature);
    }

    /// <summary>Most new tokens of a sequence.</summary>
    public int MaxTokens { get; }

    /// <summary>Divides the logits; 0 takes the most likely token.</summary>
    public double Temperature { get; }
}
