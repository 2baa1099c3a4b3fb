using Roma.Core;

namespace Roma.Models.Generation;

/// <summary>Draws one token from logits.</summary>
internal static class Sampler
{
    /// <summary>The most likely token at temperature 0, else a draw from softmax(logits / temperature) by inversion; the logits are left as they are.</summary>
    public static int Draw(ReadOnlySpan<float> logits, double temperature, CounterRandom random)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            best = logits[i] > logits[best] ? i : best;
        if (temperature == 0)
            return best;
        float max = logits[best], inverse = (float)(1 / temperature);
        Span<float> weights = logits.Length <= 4096 ? stackalloc float[logits.Length] : new float[logits.Length];
        float total = 0;
        for (int i = 0; i < logits.Length; i++)
            total += weights[i] = MathF.Exp((logits[i] - max) * inverse);
        float target = (float)(random.NextDouble() * total);
        for (int i = 0; i < weights.Length; i++)
        {
            target -= weights[i];
            if (target < 0 && weights[i] > 0)
                return i;
        }
        return best; // rounding left a crumb at the end
    }
}
